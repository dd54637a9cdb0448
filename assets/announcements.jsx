// Behaviour of the announcements page that stays in the browser.
import { jsx } from "react/jsx-runtime";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

const numbers = new Intl.NumberFormat("en-GB");
const NEAR = 0.8;

/** How many characters a field holds, said when it comes near to the most it may hold. */
export function Counter({ field, most }) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const input = document.getElementById(field);
    const read = () => setCount([...input.value.trim()].length);
    const later = () => setTimeout(read, 0);
    read();
    input.addEventListener("input", read);
    input.form?.addEventListener("reset", later);
    return () => {
      input.removeEventListener("input", read);
      input.form?.removeEventListener("reset", later);
    };
  }, [field]);
  const look = count > most ? "counter tn bad" : count > most * NEAR ? "counter tn" : "counter tn faint";
  return jsx("span", { className: look, "aria-hidden": true, children: `${numbers.format(count)} / ${numbers.format(most)}` });
}

/** Brings what the address points at (#id) into view, once it is on the page, and lets it glow. */
export function Linked({ count }) {
  const { hash, key } = useLocation();
  const shown = useRef(null);
  useEffect(() => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target || shown.current === key) return;
    shown.current = key;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
    if (target.matches("li")) target.setAttribute("data-enter", "");
  }, [hash, key, count]);
  return null;
}

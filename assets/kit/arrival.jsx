// What a page's own address says of how somebody came to it: a refused form, a kept value, a link's token.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useState, useSyncExternalStore } from "react";

const NONE = Object.freeze({});
let read = null;
let arrival = NONE;

function readArrival() {
  if (window.location.search !== read) {
    read = window.location.search;
    arrival = Object.freeze(Object.fromEntries(new URLSearchParams(read)));
  }
  return arrival;
}

/** The address's parameters; none while the page is prerendered. */
export const useArrival = () => useSyncExternalStore(() => () => {}, readArrival, () => NONE);

/** Whether the address has been read: what depends on it waits until then, lest it be built twice and lose what was typed. */
export const isRead = (came) => came !== NONE;

export function Glyph({ paths, className = "i" }) {
  return jsx("svg", { className, viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });
}

export const CLOCK = ["M12 6v6l4 2", "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0"];
export const ALERT = ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "M12 8v4", "M12 16h.01"];

const words = (seconds) => (seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`);

function useCountdown(seconds) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}

/** Too many tries. `advice` is what helps meanwhile. */
export function TooMany({ after, advice }) {
  const left = useCountdown(after);
  return jsxs("div", {
    className: "note warn",
    role: "alert",
    children: [
      jsx(Glyph, { paths: CLOCK }),
      jsxs("span", { children: [jsx("b", { children: "Too many tries. " }), left > 0 ? `You can try again in ${words(left)}.` : "You can try again now.", advice && ` ${advice}`] }),
    ],
  });
}

export const tooManyOf = (came) => Math.max(1, Number(came.retry_after) || 60);
export const isTooMany = ({ error }) => error === "too_many" || error === "rate_limited";

/** Marks a field as wrong, for the eye and for screen readers. */
export function mark(field, wrong) {
  field?.setAttribute("aria-invalid", String(wrong));
  field?.closest(".input")?.classList.toggle("bad", wrong);
}

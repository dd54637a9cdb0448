// Behaviour of the inbox that stays in the browser: what is selected, its keys, and what a row unfolds.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useId, useState, useSyncExternalStore } from "react";
import { afterGo, isTyping } from "./kit/keys";

const NOTHING = Object.freeze([]);
let selected = NOTHING;
const listeners = new Set();

function select(next) {
  selected = next.length ? Object.freeze(next) : NOTHING;
  listeners.forEach((listen) => listen());
}

const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));

/** The ids of the rows that are ticked. */
export const useSelected = () => useSyncExternalStore(subscribe, () => selected, () => NOTHING);

export const clearSelected = () => select([]);

/** A row's tick. */
export function Tick({ notice: id, label }) {
  const chosen = useSelected().includes(id);
  useEffect(() => () => selected.includes(id) && select(selected.filter((each) => each !== id)), [id]);
  const change = () => select(chosen ? selected.filter((each) => each !== id) : [...selected, id]);
  return jsx("input", { type: "checkbox", className: "check", checked: chosen, onChange: change, "aria-label": label, "data-do": "x" });
}

/** Content while something is ticked. `scope`: what the list shows; another list begins with nothing ticked. */
export function Bulk({ scope, children }) {
  const count = useSelected().length;
  useEffect(() => clearSelected, [scope]);
  if (count === 0) return null;
  return jsx("div", { className: "bulk", role: "toolbar", "aria-label": "What to do with the selected", children });
}

/** E, S, H, R, X press what a row (or, while some are ticked, the bar) offers under data-do; the focus goes to the next row. */
export function InboxKeys() {
  useEffect(() => {
    const namesPage = afterGo();
    const down = (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey || isTyping(event.target)) return;
      const pressed = event.key.toLowerCase();
      if (namesPage(pressed) || event.defaultPrevented) return;
      if (document.documentElement.dataset.keys === "off" || document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return;
      if (event.key === "Escape" && selected.length) return event.preventDefault(), clearSelected();
      const key = pressed === "h" ? "s" : pressed;
      if (!"esrx".includes(key) || key.length !== 1) return;
      const rows = [...document.querySelectorAll(".inbox [data-row]")];
      const row = document.activeElement?.closest?.(".inbox [data-row]") ?? (selected.length ? null : rows[0]);
      const bar = key !== "x" && selected.length ? document.querySelector(".bulk") : null;
      const place = (bar ?? row)?.querySelector(`[data-do="${key}"]`);
      const target = place?.matches("button, input") ? place : place?.querySelector("button");
      if (!target) return;
      event.preventDefault();
      const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
      target.click();
      if (key === "e" && !bar) next?.focus();
      else if (key === "x") row.focus();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, []);
  return null;
}

/** A button that unfolds what a row stands for; it is fetched when it is first wanted. */
export function Unfold({ count, children }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return jsxs(Fragment, {
    children: [
      jsx("button", {
        type: "button",
        className: "link unfold",
        "aria-expanded": open,
        "aria-controls": open ? id : undefined,
        onClick: () => setOpen(!open),
        children: open ? "Show as one" : `Show all ${count}`,
      }),
      open && jsx("div", { id, children }),
    ],
  });
}

// J and K, and in a panel the arrows, move from row to row.
import { useEffect } from "react";

const isTyping = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");
const isVisible = (element) => element.getClientRects().length > 0;
const STEPS = { j: 1, k: -1, arrowdown: 1, arrowup: -1 };

/** rows: a selector of what takes the focus; opens: within a row, what Enter presses; arrows: whether they move too. */
export function RowKeys({ rows, opens, arrows }) {
  useEffect(() => {
    const down = (event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (document.documentElement.dataset.keys === "off" && !key.startsWith("arrow")) return;
      const layer = document.querySelector("[role=dialog], [role=alertdialog], [role=menu]");
      const all = [...document.querySelectorAll(rows)].filter((row) => isVisible(row) && (!layer || layer.contains(row)));
      if (all.length === 0) return;
      const at = all.findIndex((row) => row.contains(document.activeElement));
      if (key in STEPS && (arrows || !key.startsWith("arrow"))) {
        event.preventDefault();
        all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + STEPS[key]))].focus();
      } else if (key === "enter" && opens && all[at] === document.activeElement) {
        event.preventDefault();
        all[at].querySelector(opens)?.click();
      }
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [rows, opens, arrows]);
  return null;
}

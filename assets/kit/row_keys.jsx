// J and K, and in a panel the arrows, move from row to row; other keys do something with the row that has the focus.
import { useEffect } from "react";
import { afterGo, isTyping } from "./keys";

const isVisible = (element) => element.getClientRects().length > 0;
const STEPS = { j: 1, k: -1, arrowdown: 1, arrowup: -1 };
const LEAVES_WITHIN_MS = 4000;

/** When the row that was acted upon leaves the list, the focus goes on to its neighbour. */
function follow(row, neighbour) {
  const until = performance.now() + LEAVES_WITHIN_MS;
  const look = () => {
    if (performance.now() > until || !neighbour?.isConnected) return;
    const lost = document.activeElement === document.body || document.activeElement === row;
    if (!row.isConnected && lost) neighbour.focus();
    else if (lost || row.contains(document.activeElement)) setTimeout(look, 80);
  };
  look();
}

/**
 * rows: a selector of what takes the focus; opens: within a row, what Enter presses; arrows: whether they move too.
 * acts: key → what it presses within the row. While several are selected, these keys belong to the bar over the foot.
 */
export function RowKeys({ rows, opens, arrows, acts }) {
  useEffect(() => {
    const namesPage = afterGo();
    const down = (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      const goes = namesPage(key);
      if (event.defaultPrevented || (goes && acts?.[key])) return;
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
      } else if (at >= 0 && acts?.[key] && !document.querySelector(`.bulk [data-key="${key}"]`)) {
        const pressed = all[at].querySelector(acts[key]);
        if (!pressed || pressed.disabled || pressed.ariaDisabled === "true") return;
        event.preventDefault();
        pressed.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
        follow(all[at], all[at + 1] ?? all[at - 1]);
      }
    };
    // What is pressed with Enter or Space inside a row may take the row away as well.
    const pressed = (event) => {
      const all = event.detail === 0 ? [...document.querySelectorAll(rows)].filter(isVisible) : [];
      const at = all.findIndex((row) => row.contains(event.target));
      if (at >= 0) follow(all[at], all[at + 1] ?? all[at - 1]);
    };
    window.addEventListener("keydown", down);
    window.addEventListener("click", pressed, true);
    return () => (window.removeEventListener("keydown", down), window.removeEventListener("click", pressed, true));
  }, [rows, opens, arrows, JSON.stringify(acts)]);
  return null;
}

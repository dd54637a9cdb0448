// The bell's count, and toasts for what has just arrived.
import { jsx } from "react/jsx-runtime";
import { useEffect, useRef } from "react";
import { notify } from "./kit/toast";

const MOST_TOASTS = 3;
const MOST_SHOWN = 99;

/** The unread count on ink. It beats once when there is more to read than before; the first that is known is no news. */
export function Count({ value }) {
  const ref = useRef(null);
  const before = useRef(value);
  useEffect(() => {
    const more = value > before.current;
    before.current = value;
    if (!more || !ref.current) return;
    ref.current.removeAttribute("data-beat");
    void ref.current.offsetWidth;
    ref.current.setAttribute("data-beat", "");
  }, [value]);
  if (!value) return null;
  return jsx("span", { ref, className: "count", "aria-hidden": true, children: value > MOST_SHOWN ? `${MOST_SHOWN}+` : value });
}

const isOnScreen = (row) => {
  if (document.querySelector(".bellpop, .inbox")) return true;
  return row.link !== null && new URL(row.link, window.location.href).pathname === window.location.pathname.replace(/(.)\/$/, "$1");
};

function tell(row, onOpen) {
  notify({
    id: `notification-${row.id}`,
    kind: "live",
    text: row.title,
    detail: row.person ? row.person.name : row.message,
    action: row.link ? { label: "Open", run: () => onOpen(row.id, row.link) } : undefined,
  });
}

/** Tells what arrives from now on, unless the screen shows it already. What comes back by Undo is older, and no news. */
export function Arrivals({ rows, known, onOpen }) {
  const newest = useRef(null);
  useEffect(() => {
    if (!known || !rows) return;
    const before = newest.current;
    newest.current = rows.reduce((latest, row) => (row.at > latest ? row.at : latest), before ?? "");
    if (before === null || document.visibilityState !== "visible") return;
    const arrived = rows.filter((row) => row.at > before).slice(0, MOST_TOASTS);
    for (const row of arrived.reverse()) if (!isOnScreen(row)) tell(row, onOpen);
  }, [rows, known]);
  return null;
}

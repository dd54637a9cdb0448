// The hands of the board: single keys, rows that are dragged, the title of the tab, a stepper.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useId, useRef, useState } from "react";
import { afterGo, isTyping } from "../kit/keys";
import { runMutation } from "../live";

const ROW_DEEDS = { h: "hold", e: "edit" };
const LANE_DEEDS = { s: "start", c: "complete", x: "no-show", r: "return" };
const STEPS = { j: 1, k: -1, arrowdown: 1, arrowup: -1 };

const isOff = (button) => button.disabled || button.getAttribute("aria-disabled") === "true";
const rowsOf = () => [...document.querySelectorAll("tr[data-row]")].filter((row) => row.getClientRects().length > 0);
const lanesOf = () => [...document.querySelectorAll("[data-lane]")];
const focused = (selector) => document.activeElement?.closest?.(selector) ?? null;

/** The first of these parts that offers the deed. */
function offer(parts, deed) {
  for (const part of parts) {
    const found = [...part.querySelectorAll(`[data-deed="${deed}"]`)].find((button) => !isOff(button));
    if (found) return found;
  }
  return null;
}

/** The lane with the focus, else one's own, else the first that can. */
function laneOffer(deed) {
  const lanes = lanesOf();
  const mine = lanes.filter((lane) => lane.hasAttribute("data-mine"));
  const at = focused("[data-lane]");
  return offer(at ? [at] : [...mine, ...lanes], deed);
}

function cursorRow() {
  return focused("tr[data-row]") ?? rowsOf()[0] ?? null;
}

function move(step) {
  const rows = rowsOf();
  const at = rows.indexOf(focused("tr[data-row]"));
  rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))]?.focus();
}

function buttonFor(key, event) {
  const row = cursorRow();
  if (event.shiftKey && (key === "j" || key === "k")) return row && offer([row], key === "j" ? "down" : "up");
  if (event.shiftKey) return null;
  if (key === "n") return laneOffer("call-next");
  if (key === "enter") return document.activeElement?.matches("tr[data-row]") ? offer([row], "call") : null;
  if (key in LANE_DEEDS) return laneOffer(LANE_DEEDS[key]);
  if (key in ROW_DEEDS) return row && offer([row], ROW_DEEDS[key]);
  return null;
}

/** The board's single keys. They rest while typing, under a dialog or a menu, after G, and where they are turned off. */
export function BoardKeys() {
  useEffect(() => {
    const namesPage = afterGo();
    const down = (event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.isComposing || isTyping(event.target)) return;
      if (document.documentElement.dataset.keys === "off" || document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return;
      const key = event.key.toLowerCase();
      if (namesPage(key)) return;
      if (/^[1-9]$/.test(key)) return lanesOf()[Number(key) - 1]?.focus();
      if (key in STEPS && !event.shiftKey) return event.preventDefault(), move(STEPS[key]);
      const button = buttonFor(key, event);
      if (!button) return;
      event.preventDefault();
      if (!event.repeat) button.click();
    };
    window.addEventListener("keydown", down, true); // before the application's own keys
    return () => window.removeEventListener("keydown", down, true);
  }, []);
  return null;
}

/** Lets the rows of the queue be dragged to another position; `mutation` takes place_id and position. */
export function DragRows({ mutation }) {
  useEffect(() => {
    let dragged = null;
    const rowAt = (event) => event.target.closest?.("tr[data-row]");
    const clear = () => document.querySelectorAll("tr[data-drop]").forEach((row) => row.removeAttribute("data-drop"));
    const isAfter = (row, event) => event.clientY > row.getBoundingClientRect().top + row.offsetHeight / 2;
    const start = (event) => {
      dragged = rowAt(event);
      if (!dragged) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.name ?? "");
      dragged.setAttribute("data-dragged", "");
    };
    const over = (event) => {
      const row = dragged && rowAt(event);
      if (!row) return;
      event.preventDefault();
      clear();
      if (row !== dragged) row.setAttribute("data-drop", isAfter(row, event) ? "after" : "before");
    };
    const drop = (event) => {
      const row = dragged && rowAt(event);
      if (!row || row === dragged) return;
      event.preventDefault();
      const from = Number(dragged.dataset.position);
      const target = Number(row.dataset.position);
      const slot = isAfter(row, event) ? target + 1 : target;
      const position = slot > from ? slot - 1 : slot;
      if (position !== from) runMutation(mutation, { place_id: dragged.dataset.row, position }, {});
    };
    const end = () => {
      clear();
      dragged?.removeAttribute("data-dragged");
      dragged = null;
    };
    const listeners = { dragstart: start, dragover: over, drop, dragend: end };
    for (const [name, listen] of Object.entries(listeners)) document.addEventListener(name, listen);
    return () => {
      for (const [name, listen] of Object.entries(listeners)) document.removeEventListener(name, listen);
    };
  }, [mutation]);
  return null;
}

/** The title of the tab while it is mounted. */
export function TabTitle({ text }) {
  useEffect(() => {
    if (!text) return undefined;
    const before = document.title;
    document.title = text;
    // Reflex sets the page's title again when it renders; what was just said of one's turn must stay.
    const watch = new MutationObserver(() => document.title !== text && (document.title = text));
    const node = document.querySelector("title");
    if (node) watch.observe(node, { childList: true, characterData: true, subtree: true });
    return () => {
      watch.disconnect();
      document.title = before;
    };
  }, [text]);
  return null;
}

function Glyph({ d }) {
  return jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: jsx("path", { d }) });
}

/** A number with a step down and a step up; in a form a field of that name, else `onStep(value)`. */
export function Stepper({ label, name, value = 1, least = 1, most = 20, onStep }) {
  const [own, setOwn] = useState(value);
  const id = useId();
  useEffect(() => setOwn(value), [value]);
  const set = (next) => {
    const within = Math.max(least, Math.min(most, next));
    if (within === own) return;
    setOwn(within);
    onStep?.(within);
  };
  const step = (by, words, d) => jsx("button", { type: "button", className: "btn sq", "aria-label": words, disabled: by < 0 ? own <= least : own >= most, onClick: () => set(own + by), children: jsx(Glyph, { d }) });
  return jsxs("span", {
    className: "stepper",
    role: "group",
    "aria-labelledby": id,
    children: [
      jsx("span", { id, className: "vh", children: label }),
      name && jsx("input", { type: "hidden", name, value: own }),
      step(-1, "One fewer", "M5 12h14"),
      jsx("output", { "aria-live": "polite", children: own }),
      step(1, "One more", "M5 12h14M12 5v14"),
    ],
  });
}

/** A stepper that runs a mutation with what was chosen, a moment after the last press; a refusal puts it back. */
export function LiveStepper({ mutation, argument, args, wait = 350, ...props }) {
  const timer = useRef(null);
  const latest = useRef(args);
  const [refused, setRefused] = useState(0);
  latest.current = args;
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = async (value) => {
    const answer = await runMutation(mutation, { ...latest.current, [argument]: value }, {});
    if (answer?.error) setRefused((count) => count + 1);
  };
  const step = (value) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(send, wait, value);
  };
  return jsx(Stepper, { ...props, onStep: step }, refused);
}

/** A choice that runs a mutation with what was chosen; "" is null. options: [value, words]. */
export function LiveSelect({ mutation, argument, args, value, options, label, id }) {
  const choose = (event) => {
    const text = event.target.value;
    runMutation(mutation, { ...args, [argument]: text === "" ? null : Number(text) }, {});
  };
  return jsxs("span", {
    className: "input",
    children: [
      jsx("select", { id, className: "sel", "aria-label": label, value: value ?? "", onChange: choose, children: options.map(([key, words]) => jsx("option", { value: key, children: words }, key)) }),
      jsx(Glyph, { d: "m6 9 6 6 6-6" }),
    ],
  });
}

/** What can be taken back, with a ring that drains; it goes when the time is over. */
export function Draining({ until, children }) {
  const [over, setOver] = useState(false);
  const left = Math.max(0, new Date(until) - Date.now());
  useEffect(() => {
    setOver(left === 0);
    const timer = setTimeout(() => setOver(true), left);
    return () => clearTimeout(timer);
  }, [until]);
  if (over || left === 0) return null;
  return jsxs("span", {
    className: "undoing",
    role: "status",
    children: [jsx("span", { className: "ringed draining", style: { animationDelay: `${left - 10_000}ms` }, "aria-hidden": true }, until), children],
  });
}

/** Words to put into a field by a press. */
export function Suggestions({ field, words, label }) {
  const put = (text) => {
    const input = document.getElementById(`field-${field}`);
    if (!input) return;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  };
  return jsx("div", {
    className: "reasons",
    role: "group",
    "aria-label": label,
    children: words.map((text) => jsx("button", { type: "button", className: "chip", onClick: () => put(text), children: text }, text)),
  });
}

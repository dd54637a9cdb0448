// What the board draws: the cascade of expected windows, a gauge, the day in bars.
import { jsx, jsxs } from "react/jsx-runtime";
import { useClock, writeDate } from "../kit/time";
import { minutesBetween } from "./words";

const CLOCK = { hour: "2-digit", minute: "2-digit" };
const MINUTE = 60_000;

// ── the cascade: one time axis for all rows, from now, or from the end of a pause

const STEPS = [5, 10, 15, 30, 60, 120, 240, 480];
const TICKS = 3;
const CLEAR = 0.36; // room for the label of now

/** Where the axis begins and how long it is. horizon: the latest moment that it must show. */
function axis(now, horizon, resumes) {
  const pause = resumes ? new Date(resumes).getTime() : 0;
  const origin = Math.max(now.getTime(), pause);
  const needed = Math.max(20 * MINUTE, (horizon ? new Date(horizon).getTime() : 0) - origin);
  const step = STEPS.find((each) => needed / (each * MINUTE) <= TICKS) ?? STEPS.at(-1);
  // Whole steps, so that the axis stands still while its end creeps on.
  const span = Math.ceil((needed * 1.08) / (step * MINUTE)) * step * MINUTE;
  return { origin, span, step: step * MINUTE };
}

const share = (value, { origin, span }) => Math.min(100, Math.max(0, ((value - origin) / span) * 100)).toFixed(1);

/** The head of the cascade: now in pulse, then round times. */
export function Ticks({ horizon, resumes, paused }) {
  const text = useClock((now) => {
    const scale = axis(now, horizon, resumes);
    const found = [];
    const first = Math.ceil((scale.origin + scale.span * CLEAR) / scale.step) * scale.step;
    for (let at = first; at < scale.origin + scale.span * 0.97; at += scale.step) found.push([share(at, scale), writeDate(CLOCK, new Date(at))]);
    return JSON.stringify({ start: writeDate(CLOCK, new Date(scale.origin)), found });
  });
  const { start, found } = text ? JSON.parse(text) : { start: "", found: [] };
  return jsxs("div", {
    className: "ticks",
    children: [
      jsx("span", { className: "vh", children: "Expected" }),
      jsx("span", { className: paused ? "tk nowtk wary" : "tk nowtk", "aria-hidden": true, children: start }),
      ...found.map(([left, words]) => jsx("span", { className: "tk", style: { left: `${left}%` }, "aria-hidden": true, children: words }, words)),
    ],
  });
}

/** One row's expected window on the shared axis. kind: first, held or waiting. */
export function Window({ from, to, horizon, resumes, paused, kind = "waiting" }) {
  const text = useClock((now) => {
    if (!from || !to) return "";
    const scale = axis(now, horizon, resumes);
    const { words, unit } = minutesBetween(now, from, to);
    const marks = [];
    for (let at = Math.ceil((scale.origin + scale.span * 0.04) / scale.step) * scale.step; at < scale.origin + scale.span * 0.97; at += scale.step) marks.push(share(at, scale));
    return JSON.stringify([share(new Date(from), scale), share(new Date(to), scale), unit === "h" ? `${words} h` : words, marks]);
  });
  const [left, right, words, marks] = text ? JSON.parse(text) : [0, 0, "", []];
  const look = kind === "held" ? "win held" : kind === "first" && !paused ? "win first" : "win";
  return jsxs("div", {
    className: paused ? "track paused" : "track",
    children: [
      ...marks.map((at) => jsx("i", { className: "mark-at", style: { left: `${at}%` } }, at)),
      text && jsx("span", { className: look, style: { left: `${left}%`, width: `${Math.max(0, right - left)}%` } }),
      text && jsxs("span", { className: "lab", style: { left: `${right}%` }, children: [words, jsx("span", { className: "vh", children: " minutes from now" })] }),
    ],
  });
}

// ── now serving

const elapsed = (now, since) => Math.max(0, (now - new Date(since)) / 1000);

/** How long something takes, against what is usual. low, high: seconds of the usual range; limit: of a call. */
export function Gauge({ since, low, high, limit }) {
  const text = useClock((now) => {
    if (!since) return "";
    const gone = elapsed(now, since);
    const full = limit ? limit : Math.max((high || 600) * 1.5, 60);
    return JSON.stringify([Math.min(100, (gone / full) * 100).toFixed(1), !limit && high > 0 && gone > high]);
  });
  const [at, over] = text ? JSON.parse(text) : [0, false];
  const full = Math.max((high || 600) * 1.5, 60);
  const range = limit ? {} : { "--lo": `${((low || 0) / full) * 100}%`, "--hi": `${((high || 0) / full) * 100}%` };
  return jsx("div", {
    className: "gauge",
    style: { "--at": `${at}%`, ...range },
    "aria-hidden": true,
    children: jsx("span", { className: limit ? "c" : over ? "over" : "" }),
  });
}

// ── the day, in bars: served is ink, now is pulse, expected an outline

const WIDTH = 312;
const HEIGHT = 112;
const FLOOR = 92;
const TOP = 14;

/** slots: { label, served, expected, is_past } in order, one for each stretch of the day. */
export function DayBars({ slots, label }) {
  if (!slots?.length) return null;
  const now = slots.findIndex((slot) => !slot.is_past);
  const bars = slots.map((slot, index) => ({ ...slot, now: index === now }));
  const most = Math.max(4, ...bars.map((slot) => slot.served + slot.expected));
  const step = WIDTH / bars.length;
  const wide = Math.max(2, Math.min(28, step * 0.77));
  const up = (value) => FLOOR - (value / most) * (FLOOR - TOP);
  const grid = most >= 8 ? [Math.round(most / 2), most] : [most];
  const every = Math.max(1, Math.ceil(bars.length / 4));
  const parts = bars.flatMap((slot, index) => {
    const x = index * step + (step - wide) / 2;
    const total = slot.served + slot.expected;
    const made = [];
    if (slot.expected > 0) made.push(jsx("rect", { className: "c-next-bar", x: x + 0.5, y: up(total), width: wide - 1, height: FLOOR - up(total) - 0.5, rx: 2 }, `e${index}`));
    if (slot.served > 0) made.push(jsx("rect", { className: slot.now ? "c-now-bar" : "c-past-bar", x, y: up(slot.served), width: wide, height: FLOOR - up(slot.served), rx: 2 }, `s${index}`));
    if (slot.now && slot.served > 0) made.push(jsx("text", { className: "c-tag", x: x + wide / 2, y: up(total) - 5, textAnchor: "middle", children: slot.served }, `t${index}`));
    return made;
  });
  const words = bars.map((slot, index) => index % every === 0 && jsx("text", { x: Math.min(index * step + 1, WIDTH - 28), y: 108, children: slot.label }, `w${index}`));
  return jsxs("svg", {
    className: "chart",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": label,
    children: [
      ...grid.map((value) => jsx("path", { className: "c-grid", d: `M0,${up(value).toFixed(1)}H${WIDTH}` }, value)),
      jsx("path", { className: "c-axis", d: `M0,${FLOOR}H${WIDTH}` }),
      ...parts,
      ...words,
    ],
  });
}

// Drawings of a queue: the line of parties, the cascade of expected windows, a gauge, the day in bars.
import { jsx, jsxs } from "react/jsx-runtime";
import { useClock, writeDate } from "../kit/time";

const CLOCK = { hour: "2-digit", minute: "2-digit" };
const MINUTE = 60_000;
const HEIGHTS = [0.5, 0.72, 0.86, 1];
const LOOKS = { serving: "p-now", waiting: "p-wait", held: "p-held", behind: "p-behind" };

const heightOf = (size) => HEIGHTS[Math.min(Math.max(size, 1), 4) - 1];

/**
 * Each party a bar, its height by size; you are the dot. parties: { size, state } in order, state being serving,
 * waiting, held, behind or you.
 */
export function Line({ parties, height = 52, bar = 12, gap = 9, most = 40, className = "people" }) {
  const shown = (parties ?? []).slice(0, most);
  const step = bar + gap;
  let x = 0;
  const marks = shown.map((party, index) => {
    const at = x;
    const breaks = party.state === "serving" && shown[index + 1] && shown[index + 1].state !== "serving";
    x += party.state === "you" ? bar * 1.6 + gap : step + (breaks ? gap : 0);
    const key = party.id ?? index;
    if (party.state === "you") {
      const r = bar * 0.8;
      return jsx("circle", { cx: at + r, cy: height - r, r, className: "p-you" }, key);
    }
    const held = party.state === "held";
    const tall = height * heightOf(party.size) * (held ? 0.82 : 1);
    const edge = held ? 0.5 : 0;
    const rect = { x: at + edge, y: height - tall, width: bar - 2 * edge, height: tall - edge, rx: bar / 2 };
    return jsx("rect", { ...rect, className: LOOKS[party.state] ?? "p-wait" }, key);
  });
  const width = Math.max(1, x - gap);
  return jsx("svg", { className, width, height, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMinYMax meet", "aria-hidden": true, children: marks });
}

/**
 * The parties of a queue: at the stations, then those who wait, of whom the server tells the first. position: one's own;
 * joins: you stand at the end.
 */
export function partiesOf(queue, position, joins) {
  if (!queue) return [];
  const serving = queue.serving.map((each) => ({ id: each.station, size: 1, state: "serving" }));
  const waits = queue.first.map((each) => {
    const state = each.position === position ? "you" : position > 0 && each.position > position ? "behind" : each.held ? "held" : "waiting";
    return { id: each.position, size: each.party_size, state };
  });
  const beyond = position > waits.length || joins ? [{ id: "you", size: 1, state: "you" }] : [];
  return [...serving, ...waits, ...beyond];
}

/** When a spot is expected to be called, as moments: what the server counted in minutes from the queue's `as_of`. */
export function waitOf(queue, spot) {
  if (!queue || !spot) return null;
  const from = new Date(queue.as_of).getTime();
  const at = (minutes) => new Date(from + minutes * MINUTE).toISOString();
  return { starts: at(spot.low), ends: at(spot.high) };
}

/** The parties of a wall display, which tells sizes and nothing else of those who wait. */
export function wallParties({ serving, parties }, open) {
  const busy = serving.map((each) => ({ id: each.station, size: 1, state: "serving" }));
  const waits = parties.map((each, index) => ({ id: index, size: each.party_size, state: each.held ? "held" : "waiting" }));
  return [...busy, ...waits, ...(open ? [{ id: "you", size: 1, state: "you" }] : [])];
}

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

/** "6–12", in minutes from now; with hours when it is long. */
export function minutesBetween(now, from, to) {
  const low = Math.max(0, Math.round((new Date(from) - now) / MINUTE));
  const high = Math.max(low + 1, Math.round((new Date(to) - now) / MINUTE));
  if (high < 120) return { words: `${low}–${high}`, unit: "min" };
  const hours = (minutes) => (Math.round(minutes / 30) / 2).toString().replace(".5", "½").replace(/^0½/, "½");
  return { words: hours(low) === hours(high) ? hours(high) : `${hours(low)}–${hours(high)}`, unit: "h" };
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

// ── a place, in words

const NUMBERS = ["Nobody", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
const spell = (count) => NUMBERS[count] ?? count.toLocaleString("en-GB");

/** "Three before you; the hollow one is holding its place and goes later." */
export function sayAhead(spot) {
  if (!spot?.position) return "";
  const before = spot.position - 1;
  const held = before - spot.ahead;
  if (before === 0) return "Nobody is before you: you are next.";
  const said = `${spell(before)} before you`;
  if (held <= 0) return `${said}.`;
  return held === 1 ? `${said}; the hollow one is holding its place and goes later.` : `${said}; the ${held} hollow ones are holding their places and go later.`;
}

/** "2 ahead, 3 benches open, 9–13 min each: from today’s 41." */
export function sayWhy(queue, spot, word) {
  if (!queue || !spot) return "";
  const stations = `${queue.stations} ${(word || "station").toLowerCase()}${queue.stations === 1 ? "" : plural(word)} open`;
  const each = queue.usual_low === queue.usual_high ? `${queue.usual} min each` : `${queue.usual_low}–${queue.usual_high} min each`;
  const from = queue.served >= 3 ? `: from the ${queue.served} served so far` : ": as planned, since few were served yet";
  return `${spot.ahead} ahead, ${stations}, ${each}${from}.`;
}

const plural = (word) => (/(s|x|ch|sh)$/i.test(word ?? "") ? "es" : "s");

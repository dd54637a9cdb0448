// The line of parties: who is served, who waits, where you stand.
import { jsx } from "react/jsx-runtime";

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

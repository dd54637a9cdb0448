// What is said of a queue: counts, names, waits, somebody’s place.

const MINUTE = 60_000;

/** "6–12", in minutes from now; with hours when it is long. */
export function minutesBetween(now, from, to) {
  const low = Math.max(0, Math.round((new Date(from) - now) / MINUTE));
  const high = Math.max(low + 1, Math.round((new Date(to) - now) / MINUTE));
  if (high < 120) return { words: `${low}–${high}`, unit: "min" };
  const hours = (minutes) => (Math.round(minutes / 30) / 2).toString().replace(".5", "½").replace(/^0½/, "½");
  return { words: hours(low) === hours(high) ? hours(high) : `${hours(low)}–${hours(high)}`, unit: "h" };
}

const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en-GB", { type: "ordinal" });
export const endingOf = (value) => ENDINGS[ordinals.select(value)];

/** "4th", in a sentence. */
export const sayOrdinal = (value) => (typeof value === "number" ? `${value}${endingOf(value)}` : "");

/** The first of somebody's names; a number or a single name as it is. */
export const firstName = (name) => (name ?? "").trim().split(/\s+/)[0] ?? "";

/** "1 party" or "11 parties". */
export const sayCount = (count, one, many) => (typeof count === "number" ? `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}` : "");

/** "AR", of somebody who has no account. */
export const initialsOf = (name) => {
  const parts = (name ?? "").trim().split(/\s+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
};

/** "2", of "Bench 2" where stations are called benches. */
export const stationNumber = (station, word) => {
  const start = `${word ?? ""} `;
  return station?.startsWith(start) ? station.slice(start.length) : "";
};

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

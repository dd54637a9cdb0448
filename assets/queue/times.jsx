// What the clock does to a queue: waits that grow, estimates that come nearer, reservations that run out.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { dayNumber, useClock, writeDate } from "../kit/time";
import { endingOf, minutesBetween } from "./words";

const CLOCK = { hour: "2-digit", minute: "2-digit" };
const two = (value) => String(value).padStart(2, "0");
const seconds = (now, since) => Math.max(0, Math.floor((now - new Date(since)) / 1000));

const FORMS = {
  clock: (gone) => (gone < 3600 ? `${Math.floor(gone / 60)}:${two(gone % 60)}` : `${Math.floor(gone / 3600)}:${two(Math.floor(gone / 60) % 60)}:${two(gone % 60)}`),
  minutes: (gone) => (gone < 3600 ? `${Math.floor(gone / 60)} min` : `${Math.floor(gone / 3600)} h ${Math.floor(gone / 60) % 60} min`),
  words: (gone) => (gone < 60 ? `${gone} s` : gone < 3600 ? `${Math.floor(gone / 60)} min` : `${Math.floor(gone / 3600)} h`),
};

/** How long since a moment. form: clock (6:12), minutes (22 min) or words (48 s, then minutes). */
export function Elapsed({ since, form = "minutes", className }) {
  const text = useClock((now) => (since ? FORMS[form](seconds(now, since)) : ""));
  return jsx("time", { dateTime: since ?? undefined, className, children: text });
}

/** What is left until a moment: "4:32", then "0:00". */
export function Countdown({ until, className }) {
  const text = useClock((now) => {
    const left = Math.max(0, Math.ceil((new Date(until) - now) / 1000));
    return FORMS.clock(left);
  });
  return jsx("span", { className, role: "timer", children: text });
}

/** Content that shows only before, or only after, a moment. */
export function Before({ at, after = false, children }) {
  const over = useClock((now) => (at && new Date(at) <= now ? "yes" : "no"));
  return over === "" || (over === "yes") !== after ? null : children;
}

const FAR_MS = 6 * 3_600_000;
const TURN = { weekday: "short", ...CLOCK };

/** "6–12 min" from now, kept current; "Thu 18:30" of what is farther away than people count in minutes. */
export function Range({ from, to, small = true }) {
  const text = useClock((now) => {
    if (!from || !to) return "";
    const far = new Date(from) - now > FAR_MS;
    return JSON.stringify(far ? { words: writeDate(TURN, new Date(from)) } : minutesBetween(now, from, to));
  });
  if (!text) return jsx("span", { className: "faint", children: "–" });
  const { words, unit } = JSON.parse(text);
  if (!unit) return words;
  return jsxs(Fragment, { children: [words, small ? jsxs("small", { children: ["\u00a0", unit] }) : `\u00a0${unit}`] });
}

/** "14:38", of a moment. */
export function Clock({ at }) {
  const text = useClock(() => (at ? writeDate(CLOCK, new Date(at)) : ""));
  return jsx("time", { dateTime: at ?? undefined, className: "tn", children: text });
}

const DAY = { weekday: "long", day: "numeric", month: "long" };

const cityOf = (zone) => zone.split("/").at(-1).replaceAll("_", " ");
const dayIn = (zone, date) => writeDate({ year: "numeric", month: "2-digit", day: "2-digit", ...(zone ? { timeZone: zone } : {}) }, date);

function spanIn(zone, from, to, now) {
  const own = zone ? { timeZone: zone } : {};
  const year = from.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  const day = writeDate({ ...DAY, ...year, ...own }, from);
  const start = writeDate({ ...CLOCK, ...own }, from);
  const end = writeDate({ ...CLOCK, ...own }, to);
  const sameDay = dayIn(zone, from) === dayIn(zone, to);
  return sameDay ? `${day}, ${start} to ${end}` : `${day}, ${start} to ${writeDate({ ...DAY, ...own }, to)}, ${end}`;
}

/** When an event is, in the viewer's zone, and in its own below where that one reads otherwise. */
export function When({ starts, ends, zone, className }) {
  const text = useClock((now) => {
    const from = new Date(starts);
    const to = new Date(ends);
    const mine = spanIn(undefined, from, to, now);
    const there = zone ? spanIn(zone, from, to, now) : mine;
    return JSON.stringify([mine, there === mine ? "" : `${there} in ${cityOf(zone)}`]);
  });
  if (!text) return jsx("span", { className, children: "\u00a0" });
  const [mine, there] = JSON.parse(text);
  return jsxs("span", { className, children: [mine, there && jsx("span", { className: "meta block", children: there })] });
}

/** The day of an event as a leaf of a calendar: month over day. */
export function DayLeaf({ at }) {
  const text = useClock(() => (at ? JSON.stringify([writeDate({ month: "short" }, new Date(at)), writeDate({ day: "numeric" }, new Date(at)), writeDate({ weekday: "short" }, new Date(at))]) : ""));
  const [month, day, weekday] = text ? JSON.parse(text) : ["", "", ""];
  return jsxs("span", { className: "leaf", "aria-hidden": true, children: [jsx("span", { children: month }), jsx("b", { children: day }), jsx("span", { children: weekday })] });
}

/** "Saturday, 10:00 to 16:00", short. */
export function ShortWhen({ starts, ends }) {
  const text = useClock((now) => {
    const from = new Date(starts);
    const to = new Date(ends);
    const start = writeDate(CLOCK, from);
    const end = writeDate(CLOCK, to);
    const days = dayNumber(from) - dayNumber(now);
    const named = days === 0 ? "Today" : days === 1 ? "Tomorrow" : writeDate({ weekday: "short", day: "numeric", month: "short" }, from);
    return `${named}, ${start}–${end}`;
  });
  return jsx("time", { dateTime: starts, className: "tn", children: text });
}

/** "4th", large. */
export function Ordinal({ value }) {
  if (typeof value !== "number") return null;
  return jsxs(Fragment, { children: [value, jsx("sup", { children: endingOf(value) })] });
}

/** How long a call may take: "2:00". */
export const sayLimit = (from, to) => (from && to ? FORMS.clock(Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000))) : "");

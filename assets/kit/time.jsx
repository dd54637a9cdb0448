// Times that keep themselves current, in the viewer's own zone and without asking the server.
import { jsx } from "react/jsx-runtime";
import { useEffect, useSyncExternalStore } from "react";

const listeners = new Set();
let timer = null;
let zone;
let locale = "en-GB";

/** The zone and locale every time on the page is written in; the browser's own zone until the viewer is known. */
export function setZone(name, language = locale) {
  if (!name || (name === zone && language === locale)) return;
  try {
    new Intl.DateTimeFormat(language, { timeZone: name });
    zone = name;
    locale = language;
    listeners.forEach((listen) => listen());
  } catch {
    zone = undefined;
  }
}

function subscribe(listen) {
  listeners.add(listen);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listen);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = null;
    }
  };
}

const formats = new Map();
const DATE = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

function write(options, date) {
  const key = JSON.stringify([options, zone, locale]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key).format(date);
}

/** A text that follows the clock, second by second; the component renders again only when the text changes. */
export const useClock = (read) => useSyncExternalStore(subscribe, () => read(new Date()), () => "");

/** A date as the viewer's zone and locale write it, or as another zone does. */
export const writeDate = (options, date) => write(options, date);

/** The viewer's day that a moment falls on, as a number: neighbours differ by one. */
export const dayNumber = (date) => Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(date)) / 86_400_000;

const day = (date) => write({ year: "numeric", month: "2-digit", day: "2-digit" }, date);
const clockOf = (date) => write(CLOCK, date);

function dateOf(date, now) {
  const sameYear = write({ year: "numeric" }, date) === write({ year: "numeric" }, now);
  return write(sameYear ? DATE : { ...DATE, year: "numeric" }, date);
}

/** "now", "40 s", "6 min", "2 h", then a date. `ago` adds the word to all but the first and the last. */
export function relative(date, now, ago) {
  const seconds = Math.max(0, (now - date) / 1000);
  const word = ago ? " ago" : "";
  if (seconds < 10) return ago ? "just now" : "now";
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s${word}`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${word}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h${word}`;
  return dateOf(date, now);
}

function at(date, now, form) {
  if (form === "clock") return day(date) === day(now) ? clockOf(date) : dateOf(date, now);
  if (form === "stamp") return day(date) === day(now) ? clockOf(date) : `${dateOf(date, now)}, ${clockOf(date)}`;
  if (form === "date") return dateOf(date, now);
  if (form === "full") return full(date);
  return relative(date, now, form === "ago");
}

/** A moment inside a sentence: "11:10", or a date when it is not today's. */
export const sayMoment = (value) => (value ? at(new Date(value), new Date(), "clock") : "");

const full = (date) => write({ weekday: "long", day: "numeric", month: "long", year: "numeric", ...CLOCK }, date);

/** A moment. form: "short" (6 min), "ago" (6 min ago), "clock" (14:32, a date when not today) or "date". */
export function Moment({ value, form = "short", className }) {
  const text = useSyncExternalStore(
    subscribe,
    () => (value ? at(new Date(value), new Date(), form) : ""),
    () => "",
  );
  if (!value) return null;
  return jsx("time", { dateTime: value, title: text ? full(new Date(value)) : undefined, className, children: text });
}

/** The time of day now, to the minute, or the day in words. */
export function Now({ form = "clock", className }) {
  const text = useSyncExternalStore(
    subscribe,
    () => (form === "clock" ? clockOf(new Date()) : write({ weekday: "long", day: "numeric", month: "long" }, new Date())),
    () => "\u00a0",
  );
  return jsx("time", { className, children: text });
}

/** Its content, until so many seconds after the moment. */
export function Until({ value, seconds, children }) {
  const shown = useSyncExternalStore(
    subscribe,
    () => Date.now() - new Date(value) < seconds * 1000,
    () => false,
  );
  return shown ? children : null;
}

/** Writes every time on the page in the given zone and locale. */
export function Zone({ name, locale: language }) {
  useEffect(() => setZone(name, language || undefined), [name, language]);
  return null;
}

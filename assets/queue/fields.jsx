// Fields of an event: a moment in a zone, the zone itself, a price.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useRef, useState } from "react";

const ZONE = "time_zone";
const MINUTE = 60_000;
const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** A moment as a wall clock of the zone shows it: ["2026-03-14", "10:00"]. */
function wallClock(moment, zone) {
  const found = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone }).formatToParts(moment).map(({ type, value }) => [type, value]));
  return [`${found.year.padStart(4, "0")}-${found.month}-${found.day}`, `${found.hour}:${found.minute}`];
}

const offset = (moment, zone) => Date.parse(`${wallClock(moment, zone).join("T")}:00Z`) - Math.floor(moment / MINUTE) * MINUTE;

/** The moment at which a wall clock of the zone shows this; where clocks jump, the later reading. */
function momentOf(date, time, zone) {
  const local = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(local)) return null;
  const first = local - offset(local, zone);
  const second = local - offset(first, zone);
  return Number.isNaN(second) ? null : new Date(second).toISOString();
}

const zoneNow = () => document.getElementById(`field-${ZONE}`)?.value || Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone of the fields beside it, kept current. */
function useFormZone(start) {
  const [zone, setZone] = useState(start || "UTC");
  useEffect(() => {
    const read = () => setZone(zoneNow());
    read();
    const field = document.getElementById(`field-${ZONE}`);
    field?.addEventListener("change", read);
    return () => field?.removeEventListener("change", read);
  }, []);
  return zone;
}

/**
 * A day and a time of the form's zone; what is sent is the moment in UTC. value: the moment to begin with; after: the
 * name of an earlier moment, whose day this one follows until it has been changed itself.
 */
export function MomentField({ name, label, value, zone: start, after, error }) {
  const zone = useFormZone(start);
  const [when, setWhen] = useState(["", ""]);
  const touched = useRef(false);
  useEffect(() => {
    if (value && !touched.current) setWhen(wallClock(new Date(value), zone));
  }, [value, zone]);
  useEffect(() => {
    const earlier = after && document.getElementById(`field-${after}-day`);
    if (!earlier) return undefined;
    const follow = () => !touched.current && setWhen(([, time]) => [earlier.value, time]);
    earlier.addEventListener("change", follow);
    return () => earlier.removeEventListener("change", follow);
  }, [after]);
  const set = (index) => (event) => {
    touched.current = true;
    setWhen((old) => (index === 0 ? [event.target.value, old[1]] : [old[0], event.target.value]));
  };
  const moment = when[0] && when[1] ? momentOf(when[0], when[1], zone) : null;
  const wrong = Boolean(error);
  const described = wrong ? `error-${name}` : undefined;
  const field = (kind, index, words) =>
    jsx("span", {
      className: wrong ? "input bad" : "input",
      children: jsx("input", { id: `field-${name}-${words}`, type: kind, value: when[index], onChange: set(index), "aria-label": `${label}, ${words}`, "aria-invalid": wrong, "aria-describedby": described, required: true }),
    });
  return jsxs("div", {
    className: "field",
    role: "group",
    "aria-label": label,
    children: [
      jsx("span", { className: "label", children: label }),
      jsxs("div", { className: "moment", children: [field("date", 0, "day"), field("time", 1, "time")] }),
      jsx("input", { type: "hidden", name, value: moment ?? "" }),
      jsx("div", { id: `error-${name}`, className: "err-slot", "aria-live": "polite", children: wrong && jsx("p", { className: "err", children: error }) }),
    ],
  });
}

/** What stands here once there is a newer version than the one that the form was opened with. */
export function WhenNewer({ version, children }) {
  const opened = useRef(version);
  return version > opened.current ? children : null;
}

/** The zone in which an event's times are meant; the browser's own to begin with. */
export function ZoneField({ label, value, hint }) {
  const [zones, setZones] = useState(value ? [value] : []);
  const [chosen, setChosen] = useState(value ?? "");
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const all = Intl.supportedValuesOf?.("timeZone") ?? [own];
    const start = value || own;
    setZones([...new Set([start, own, "UTC", ...all])]);
    setChosen(start);
    requestAnimationFrame(() => document.getElementById(`field-${ZONE}`)?.dispatchEvent(new Event("change", { bubbles: true })));
  }, [value]);
  return jsxs("div", {
    className: "field",
    children: [
      jsx("label", { className: "label", htmlFor: `field-${ZONE}`, children: label }),
      jsxs("span", {
        className: "input",
        children: [
          jsx("select", { id: `field-${ZONE}`, name: ZONE, className: "sel", value: chosen, onChange: (event) => setChosen(event.target.value), "aria-describedby": hint ? `hint-${ZONE}` : undefined, children: zones.map((zone) => jsx("option", { value: zone, children: zone.replaceAll("_", " ") }, zone)) }),
          jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: jsx("path", { d: "m6 9 6 6 6-6" }) }),
        ],
      }),
      hint && jsx("p", { className: "hint", id: `hint-${ZONE}`, children: hint }),
    ],
  });
}

const digitsOf = (currency) => {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return 2;
  }
};

/** A price in major units; what is sent is minor units and the currency, 0 and none when it is free. */
export function PriceField({ amount = 0, currency, currencies, error, off }) {
  const start = currency || currencies[0];
  const [unit, setUnit] = useState(start);
  const [text, setText] = useState("");
  useEffect(() => {
    setUnit(start);
    setText(amount ? (amount / 10 ** digitsOf(start)).toFixed(digitsOf(start)) : "");
  }, [amount, start]);
  const typed = Number(text.trim().replace(",", "."));
  const minor = text.trim() === "" ? 0 : Number.isFinite(typed) ? Math.round(typed * 10 ** digitsOf(unit)) : text;
  const wrong = Boolean(error);
  return jsxs("div", {
    className: "field",
    children: [
      jsx("label", { className: "label", htmlFor: "field-price", children: "Price for each party" }),
      jsxs("span", {
        className: wrong ? "input bad" : "input",
        "aria-disabled": off || undefined,
        children: [
          jsx("input", { id: "field-price", inputMode: "decimal", value: text, placeholder: "Free", disabled: off, onChange: (event) => setText(event.target.value), "aria-invalid": wrong, "aria-describedby": "error-price" }),
          jsx("select", { className: "unit-sel", "aria-label": "Currency", value: unit, disabled: off, onChange: (event) => setUnit(event.target.value), children: currencies.map((each) => jsx("option", { value: each, children: each }, each)) }),
        ],
      }),
      jsx("input", { type: "hidden", name: "price_amount", value: minor }),
      jsx("input", { type: "hidden", name: "currency", value: minor === 0 ? "" : unit }),
      jsx("div", { id: "error-price", className: "err-slot", "aria-live": "polite", children: wrong && jsx("p", { className: "err", children: error }) }),
    ],
  });
}

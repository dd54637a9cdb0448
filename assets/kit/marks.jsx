// Evidence of change: the beat of a dot, the afterglow of a value, the warmth of a row. Nothing here runs by itself.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useRef } from "react";
import autoAnimate from "@formkit/auto-animate";

const GLOW_EVERY_MS = 5000;
const BEAT_EVERY_MS = 1000;
const MOVE_MS = 180;
const BURST = 6;
const SETTLE_MS = 1500;

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function restart(element, name) {
  element.removeAttribute(name);
  void element.offsetWidth;
  element.setAttribute(name, "");
}

/** Runs `play` when the value changes, not when it first arrives, and at most once in `every` milliseconds. */
function useChange(value, every, play) {
  const seen = useRef(value);
  const last = useRef(-Infinity);
  useEffect(() => {
    const before = seen.current;
    seen.current = value;
    if (before === undefined || before === null || before === value) return;
    const wait = last.current + every - performance.now();
    if (wait > 0) return;
    last.current = performance.now();
    play();
  }, [value]);
}

const numbers = new Intl.NumberFormat("en-GB");

/** A number with its thousands apart; anything else as it is. */
export const figure = (value) => (typeof value === "number" ? numbers.format(value) : value);

/** A number, written out. */
export function Figure({ value }) {
  return figure(value);
}

/** A live dot that sends one ring when `beat` changes. */
export function Dot({ beat, className = "dot" }) {
  const ref = useRef(null);
  useChange(beat, BEAT_EVERY_MS, () => restart(ref.current, "data-beat"));
  return jsx("span", { ref, className, "aria-hidden": true, onAnimationEnd: () => ref.current?.removeAttribute("data-beat") });
}

/** Its content glows when `value` changes, and cools to ink. */
export function Fresh({ value, children, className }) {
  const ref = useRef(null);
  useChange(value, GLOW_EVERY_MS, () => restart(ref.current, "data-fresh"));
  return jsx("span", {
    ref,
    className,
    onAnimationEnd: (event) => event.target === ref.current && ref.current.removeAttribute("data-fresh"),
    children: figure(children ?? value),
  });
}

function motion() {
  let added = 0;
  return (element, action, before, after) => {
    const ease = "cubic-bezier(.2, 0, 0, 1)";
    const timing = { duration: still() ? 1 : MOVE_MS, easing: ease };
    if (action === "add") {
      if (++added === 1) queueMicrotask(() => setTimeout(() => (added = 0), 0));
      if (added <= BURST) restart(element, "data-enter");
      const open = still() || element.tagName === "TR" ? [{ opacity: 1 }, { opacity: 1 }] : [{ opacity: 0.4 }, { opacity: 1 }];
      return new KeyframeEffect(element, open, timing);
    }
    if (action === "remove") {
      return new KeyframeEffect(element, [{ opacity: 1 }, { opacity: 0, transform: "translateX(8px)" }], timing);
    }
    const x = before.left - after.left;
    const y = before.top - after.top;
    return new KeyframeEffect(element, [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], timing);
  };
}

/** A list or table body whose rows open, slide and leave. Rows that arrive warm, unless `scope` changed just now. */
export function Rows({ as = "ul", scope, className, children, label, id, live }) {
  const ref = useRef(null);
  const controls = useRef(null);
  const seen = useRef(scope);
  if (seen.current !== scope) {
    seen.current = scope;
    controls.current?.disable(); // another search or filter: other rows, and none of them has just happened
  }
  useEffect(() => {
    const timer = setTimeout(() => controls.current?.enable(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [scope]);
  useEffect(() => {
    const animation = (controls.current = autoAnimate(ref.current, motion()));
    const cool = (event) => event.target.removeAttribute?.("data-enter");
    const node = ref.current;
    node.addEventListener("animationend", cool);
    return () => {
      animation.disable();
      node.removeEventListener("animationend", cool);
    };
  }, []);
  return jsx(as, { ref, id, className, "aria-label": label, "aria-live": live, children });
}

/** The last values as a line: the past in grey, the last three in pulse, a dot at the end. */
export function Spark({ values, now = true }) {
  if (!values || values.length < 2) return jsx("svg", { className: "spark", viewBox: "0 0 80 28", "aria-hidden": true });
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, index) => [(index / (values.length - 1)) * 80, 26 - ((value - low) / span) * 24]);
  const path = (part) => "M" + part.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const recent = now ? points.slice(-3) : [];
  const past = now ? points.slice(0, points.length - recent.length + 1) : points;
  const [x, y] = points[points.length - 1];
  return jsxs("svg", {
    className: "spark",
    viewBox: "0 0 80 28",
    "aria-hidden": true,
    children: [
      past.length > 1 && jsx("path", { className: "s-past", d: path(past) }, "past"),
      recent.length > 1 && jsx("path", { className: "s-now", d: path(recent) }, "now"),
      now && jsx("circle", { className: "s-dot", cx: x, cy: y, r: 2.5 }, "dot"),
    ],
  });
}

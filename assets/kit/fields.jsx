// Form controls that need a little behaviour of their own.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useRef, useState } from "react";

/** A password input with a button that shows it. Form attributes go to the input. */
export function Password({ className = "input", ...props }) {
  const [shown, setShown] = useState(false);
  const eye = shown
    ? ["M10.733 5.076a10.744 10.744 0 0 1 11.205 6.575 1 1 0 0 1 0 .696 10.747 10.747 0 0 1-1.444 2.49", "M14.084 14.158a3 3 0 0 1-4.242-4.242", "M17.479 17.499a10.75 10.75 0 0 1-15.417-5.151 1 1 0 0 1 0-.696 10.75 10.75 0 0 1 4.446-5.143", "m2 2 20 20"]
    : ["M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0"];
  return jsxs("span", {
    className,
    children: [
      jsx("input", { ...props, type: shown ? "text" : "password", spellCheck: false, autoCapitalize: "off" }),
      jsx("button", {
        type: "button",
        className: "btn quiet sq sm",
        "aria-label": "Show password",
        "aria-pressed": shown,
        onClick: () => setShown(!shown),
        children: jsxs("svg", {
          className: "i",
          viewBox: "0 0 24 24",
          "aria-hidden": true,
          children: [...eye.map((d) => jsx("path", { d }, d)), !shown && jsx("circle", { cx: 12, cy: 12, r: 3 }, "pupil")],
        }),
      }),
    ],
  });
}

/** A search input that reports what was typed after a pause, and at once on Enter and Escape. */
export function Search({ value, onSearch, pause = 200, label, placeholder, shortcut = "/", id }) {
  const [text, setText] = useState(value ?? "");
  const timer = useRef(null);
  const sent = useRef(value ?? "");
  useEffect(() => {
    if ((value ?? "") !== sent.current) setText((sent.current = value ?? ""));
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (next) => {
    clearTimeout(timer.current);
    sent.current = next;
    onSearch?.(next);
  };
  const type = (event) => {
    const next = event.target.value;
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(next), pause);
  };
  const key = (event) => {
    if (event.key === "Enter") send(text);
    if (event.key !== "Escape") return;
    if (text) setText(""), send("");
    else event.target.blur();
  };
  return jsxs("label", {
    className: "input find2",
    children: [
      jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "m21 21-4.34-4.34" }), jsx("circle", { cx: 11, cy: 11, r: 8 })] }),
      jsx("span", { className: "vh", children: label }),
      jsx("input", { id, type: "search", value: text, placeholder, autoComplete: "off", "data-key": shortcut, onChange: type, onKeyDown: key }),
      shortcut && jsx("kbd", { className: "only-l", "aria-hidden": true, children: shortcut }),
    ],
  });
}

/** A checkbox that can also be "some". */
export function Check({ mixed, className = "check", onChange, ...props }) {
  const ref = useRef(null);
  useEffect(() => {
    if (ref.current) ref.current.indeterminate = Boolean(mixed);
  }, [mixed]);
  const controlled = props.checked !== undefined && !onChange ? { readOnly: true } : {};
  return jsx("input", { ref, type: "checkbox", className: mixed ? `${className} mixed` : className, ...props, ...controlled, onChange });
}

/** Copies a text, and says so for a moment. */
export function Copy({ text, label = "Copy" }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1600);
  };
  return jsxs(Fragment, {
    children: [
      jsx("button", {
        type: "button",
        className: "btn sm quiet sq",
        "aria-label": label,
        onClick: copy,
        children: jsxs("svg", {
          className: "i",
          viewBox: "0 0 24 24",
          "aria-hidden": true,
          children: done
            ? [jsx("path", { d: "M20 6 9 17l-5-5" }, "tick")]
            : [jsx("rect", { x: 8, y: 8, width: 14, height: 14, rx: 2 }, "a"), jsx("path", { d: "M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" }, "b")],
        }),
      }),
      jsx("span", { className: "vh", role: "status", children: done ? "Copied" : "" }),
    ],
  });
}

// The second step of signing in: a code or a passkey, for the sign-in that waits in this browser.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

const NOTHING = Object.freeze({ methods: null, email: "", recovery: false });
const watchers = new Set();
let state = NOTHING;

function set(change) {
  state = Object.freeze({ ...state, ...change });
  watchers.forEach((watch) => watch());
}

const useStep = () =>
  useSyncExternalStore(
    (watch) => (watchers.add(watch), () => watchers.delete(watch)),
    () => state,
    () => NOTHING,
  );

const ALERT = ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "M12 8v4", "M12 16h.01"];
const CLOCK = ["M12 6v6l4 2", "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0"];
const Glyph = ({ paths }) => jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });

async function load() {
  const response = await fetch("/auth/second-step").catch(() => null);
  if (response?.ok) {
    const { methods, email } = await response.json();
    set({ methods, email, recovery: !methods.includes("totp") && methods.includes("recovery") && !methods.includes("passkey") });
  } else if (response) window.location.replace("/sign-in?error=second_step_over");
}

const arrived = () => new URLSearchParams(window.location.search);

/** Whose sign-in waits, and when it has to wait longer. */
export function Notice() {
  const { email } = useStep();
  const [after, setAfter] = useState(0);
  useEffect(() => {
    load();
    const came = arrived();
    if (came.get("error") === "too_many") setAfter(Math.max(1, Number(came.get("retry_after")) || 60));
  }, []);
  useEffect(() => {
    if (after <= 0) return;
    const timer = setTimeout(() => setAfter(after - 1), 1000);
    return () => clearTimeout(timer);
  }, [after]);
  return jsxs(Fragment, {
    children: [
      jsx("p", { className: "soft", children: email ? `You are signing in as ${email}.` : "Confirm that it is you." }),
      after > 0 &&
        jsxs("div", {
          className: "note warn",
          role: "alert",
          children: [jsx(Glyph, { paths: CLOCK }), jsxs("span", { children: [jsx("b", { children: "That was wrong too often. " }), `You can try again in ${after < 90 ? `${after} s` : `${Math.ceil(after / 60)} min`}.`] })],
        }),
    ],
  });
}

/** The field for a code of the app, or for a recovery code. */
export function Code() {
  const { recovery } = useStep();
  const [wrong, setWrong] = useState(false);
  const input = useRef(null);
  useEffect(() => {
    setWrong(arrived().get("error") === "wrong");
    input.current?.focus();
  }, [recovery]);
  const typing = recovery
    ? { autoComplete: "off", autoCapitalize: "off", spellCheck: false, maxLength: 20 }
    : { inputMode: "numeric", autoComplete: "one-time-code", maxLength: 7, placeholder: "000000" };
  return jsxs("div", {
    className: "field",
    children: [
      jsx("label", { className: "label", htmlFor: "field-code", children: recovery ? "Recovery code" : "Code from your authenticator app" }),
      jsx("span", {
        className: wrong ? "input lg bad" : "input lg",
        children: jsx("input", { ref: input, id: "field-code", name: "code", type: "text", required: true, className: "mono", "aria-invalid": wrong, "aria-describedby": "error-code", ...typing }),
      }),
      jsx("div", {
        id: "error-code",
        className: "err-slot",
        role: "alert",
        children: wrong && jsxs("p", { className: "err", children: [jsx(Glyph, { paths: ALERT }), jsx("span", { children: "This code is not right, or was used. Each works once." })] }),
      }),
    ],
  });
}

/** The other ways to go on, as far as this person has them. */
export function Others() {
  const { methods, recovery } = useStep();
  const [problem, setProblem] = useState("");
  const [working, setWorking] = useState(false);
  const [able, setAble] = useState(false);
  useEffect(() => setAble(Boolean(window.PublicKeyCredential)), []);
  if (!methods) return null;
  const passkey = async () => {
    setWorking(true);
    setProblem("");
    const { secondStep } = await import("../passkeys");
    const { value, error } = await secondStep();
    if (value) return window.location.assign(value.next);
    setWorking(false);
    setProblem(error.message);
  };
  const other = methods.includes("totp") && methods.includes("recovery");
  return jsxs("div", {
    className: "col g3",
    children: [
      methods.includes("passkey") && able &&
        jsxs("button", { type: "button", className: "btn lg full", "aria-busy": working, disabled: working, onClick: passkey, children: [jsx("span", { className: "face", children: "Use a passkey" }), jsx("span", { className: "spin", "aria-hidden": true })] }),
      jsx("p", { className: "err-slot err", role: "status", children: problem }),
      other && jsx("button", { type: "button", className: "btn quiet", onClick: () => set({ recovery: !recovery }), children: recovery ? "Use a code from the app instead" : "Use a recovery code instead" }),
    ],
  });
}

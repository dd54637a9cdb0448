// The sign-in page's reading of its own address, and the demo's people. There is no live socket before a session.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useState, useSyncExternalStore } from "react";

const NONE = Object.freeze({});
let arrival = null;

function readArrival() {
  return (arrival ??= Object.freeze(Object.fromEntries(new URLSearchParams(window.location.search))));
}

const useArrival = () => useSyncExternalStore(() => () => {}, readArrival, () => NONE);

const isWrong = ({ error }) => error === "wrong" || error === "invalid_credentials";
const isTooMany = ({ error }) => error === "too_many" || error === "rate_limited";

function Glyph({ paths, className = "i" }) {
  return jsx("svg", { className, viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });
}

const CLOCK = ["M12 6v6l4 2", "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0"];
const DOOR = ["m16 17 5-5-5-5", "M21 12H9", "M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4"];
const ALERT = ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "M12 8v4", "M12 16h.01"];

const words = (seconds) => (seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`);

function useCountdown(seconds) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}

function TooMany({ after }) {
  const left = useCountdown(after);
  return jsxs("div", {
    className: "note warn",
    role: "alert",
    children: [
      jsx(Glyph, { paths: CLOCK }),
      jsxs("span", { children: [jsx("b", { children: "Too many tries. " }), left > 0 ? `You can try again in ${words(left)}.` : "You can try again now."] }),
    ],
  });
}

/** What brought the person here, above the form. */
export function Notice() {
  const came = useArrival();
  if (isTooMany(came)) return jsx(TooMany, { after: Math.max(1, Number(came.retry_after) || 60) });
  const said = came.signed_out
    ? ["You are signed out. ", "So is every tab of this browser."]
    : came.error === "session_ended"
      ? ["Your session has ended. ", "Sign in to go on where you were."]
      : came.next
        ? ["Sign in to go on. ", "You are then taken to the page you asked for."]
        : null;
  if (!said) return null;
  return jsxs("div", {
    className: "note",
    role: "status",
    children: [jsx(Glyph, { paths: DOOR }), jsxs("span", { children: [jsx("b", { children: said[0] }), said[1]] })],
  });
}

/** Under the password: that the two do not belong together. It does not say which is wrong. */
export function WrongPassword() {
  const came = useArrival();
  const wrong = isWrong(came);
  useEffect(() => {
    const email = document.getElementById("field-email");
    const password = document.getElementById("field-password");
    if (email && !email.value && came.email) email.value = came.email;
    for (const field of [email, password]) {
      field?.setAttribute("aria-invalid", String(wrong));
      field?.closest(".input")?.classList.toggle("bad", wrong);
    }
    if (wrong) password?.focus();
  }, [came, wrong]);
  return jsx("div", {
    id: "error-password",
    className: "err-slot",
    role: "alert",
    children: wrong && jsxs("p", { className: "err", children: [jsx(Glyph, { paths: ALERT }), jsx("span", { children: "This e-mail and this password do not belong together." })] }),
  });
}

/** Where to go after signing in, as a hidden field. */
export function Next() {
  const { next } = useArrival();
  return next ? jsx("input", { type: "hidden", name: "next", value: next }) : null;
}

/** The demo's people, each a form of one button. Nothing where there is no demo. */
export function DemoPeople() {
  const [people, setPeople] = useState([]);
  useEffect(() => {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    fetch("/api/query/accounts.get_sign_in_options", options)
      .then((response) => (response.ok ? response.json() : { people: [] }))
      .then((found) => setPeople((found.demo && found.people) || []))
      .catch(() => {});
  }, []);
  if (people.length === 0) return null;
  return jsxs(Fragment, {
    children: [
      jsx("p", { className: "or", children: jsx("span", { children: "or look around as" }) }),
      jsxs("form", {
        method: "post",
        action: "/auth/demo",
        className: "demo",
        "aria-label": "Demo sign-ins",
        children: [
          jsx(Next, {}),
          people.map(({ key, name, role, initials, tint, about }) =>
            jsxs("button", {
              className: "demo-person",
              name: "person",
              value: key,
              children: [
                jsx("span", { className: `av h${tint}`, "aria-hidden": true, children: initials }),
                jsxs("span", { className: "grow col", children: [jsx("span", { className: "strong cut", children: name }), about && jsx("span", { className: "meta cut", children: about })] }),
                jsx("span", { className: "badge", children: role[0].toUpperCase() + role.slice(1) }),
              ],
            }, key),
          ),
        ],
      }),
      jsx("p", { className: "meta", children: "This is a demo: its people are invented, and it may be reset at any time." }),
    ],
  });
}

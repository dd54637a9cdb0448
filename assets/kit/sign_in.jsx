// The sign-in page's reading of its own address, and the demo's people. There is no live socket before a session.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { ALERT, Glyph, TooMany, isTooMany, mark, tooManyOf, useArrival } from "./arrival";

const isWrong = ({ error }) => error === "wrong" || error === "invalid_credentials";
const DOOR = ["m16 17 5-5-5-5", "M21 12H9", "M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4"];
const MAIL = ["m22 7-8.991 5.727a2 2 0 0 1-2.009 0L2 7", "M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2"];

/** It may be that the address of a sign-up waits to be confirmed. Said to everybody, since only its owner may know. */
function PerhapsUnconfirmed({ email }) {
  return jsxs("form", {
    method: "post",
    action: "/auth/sign-up/resend",
    className: "note",
    children: [
      jsx(Glyph, { paths: MAIL }),
      jsxs("span", { className: "grow", children: [jsx("b", { children: "Just signed up? " }), "Confirm your address first, by the link in your mail."] }),
      jsx("input", { type: "hidden", name: "email", value: email ?? "" }),
      jsx("button", { className: "btn sm", children: "Send it again" }),
    ],
  });
}

/** What brought the person here, above the form. */
export function Notice() {
  const came = useArrival();
  if (isTooMany(came)) return jsx(TooMany, { after: tooManyOf(came), advice: "A link by e-mail signs you in as well." });
  if (isWrong(came) && came.email) return jsx(PerhapsUnconfirmed, came);
  const said = came.parting
    ? ["You are signed out everywhere. ", `Your account is erased in ${Number(came.parting) || 14} days. To keep it, sign in before then.`]
    : came.signed_out
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
    for (const field of [email, password]) mark(field, wrong);
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

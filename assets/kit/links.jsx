// The pages of signing up and of links. They read their own address; there is no live socket before a session.
import { jsx, jsxs } from "react/jsx-runtime";
import { Children, createContext, useContext, useEffect, useState } from "react";
import { ALERT, Glyph, TooMany, isRead, isTooMany, mark, tooManyOf, useArrival } from "./arrival";

const Holder = createContext("");

/** Above a form: that it was sent too often. */
export function Notice({ advice }) {
  const came = useArrival();
  return isTooMany(came) ? jsx(TooMany, { after: tooManyOf(came), advice }) : null;
}

/** Under a field: what is wrong with it. words: code to sentence. */
export function Fault({ name, words }) {
  const said = words[useArrival()[`${name}_error`]];
  useEffect(() => {
    const field = document.getElementById(`field-${name}`);
    mark(field, Boolean(said));
    const first = document.querySelector("[aria-invalid=true]");
    if (said && field === first) field.focus();
  }, [name, said]);
  return jsx("div", {
    id: `error-${name}`,
    className: "err-slot",
    role: "alert",
    children: said && jsxs("p", { className: "err", children: [jsx(Glyph, { paths: ALERT }), jsx("span", { children: said })] }),
  });
}

/** Puts what was typed before back into fields of these names; there is no password among them. */
export function Keep({ names }) {
  const came = useArrival();
  useEffect(() => {
    for (const name of names) {
      const field = document.getElementById(`field-${name}`);
      if (field && !field.value && came[name]) field.value = came[name];
    }
  }, [came, names.join()]);
  return null;
}

/** What the address holds under these names, as hidden fields. */
export function Hidden({ names }) {
  const came = useArrival();
  return names.filter((name) => came[name]).map((name) => jsx("input", { type: "hidden", name, value: came[name] }, name));
}

/** A value of the address, as text. */
export function Said({ name, otherwise = "" }) {
  return jsx("b", { className: "said", children: useArrival()[name] || otherwise });
}

/** Of its children the one that belongs to a value of the address; the first for any other. */
export function Which({ name, values, children }) {
  const value = useArrival()[name];
  return Children.toArray(children)[Math.max(0, values.indexOf(value))];
}

const GOOD = Object.freeze({ is_good: true, email: "" });

/** What a link leads to: its first child while the link may be used, else the second. Looking uses nothing up. */
export function LinkPage({ kind, children }) {
  const came = useArrival();
  const { token, error } = came;
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!isRead(came)) return;
    if (!token || error === "used") return setFound({ is_good: false, email: "" });
    const body = JSON.stringify({ kind, token });
    fetch("/api/query/accounts.look_at_link", { method: "POST", headers: { "content-type": "application/json" }, body })
      .then((response) => (response.ok ? response.json() : GOOD))
      .catch(() => GOOD)
      .then(setFound);
  }, [kind, came, token, error]);
  if (!found) return jsx("p", { className: "soft", role: "status", children: "Looking at your link…" });
  const [good, over] = Children.toArray(children);
  return jsx(Holder.Provider, { value: found.email, children: found.is_good ? good : over });
}

/** The address that the link was mailed to. */
export function MailedTo({ before = "", after = "" }) {
  const email = useContext(Holder);
  return email ? jsxs("p", { className: "soft", children: [before, jsx("b", { className: "said", children: email }), after] }) : null;
}

/** The same for password managers, which keep a password under its address. */
export function Username() {
  return jsx("input", { type: "text", className: "vh", autoComplete: "username", value: useContext(Holder), readOnly: true, tabIndex: -1, "aria-hidden": true });
}

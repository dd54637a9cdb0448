// The dialog that asks for a fresh proof: a password, a code, a passkey. The best way stands first, the others below it.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useId, useRef, useState } from "react";
import { runMutation, useLive } from "../live";
import { Password } from "./fields";
import { Dialog as D } from "./radix";

const DIGITS = { inputMode: "numeric", autoComplete: "one-time-code", maxLength: 7, placeholder: "000000" };
const WAYS = {
  passkey: { name: "A passkey", icon: ["M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z", "M16.5 7.5h.01"] },
  totp: { name: "A code from your authenticator app", icon: ["M5 4a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2z", "M12 18h.01"] },
  password: { name: "Your password", icon: ["M7 11V7a5 5 0 0 1 10 0v4", "M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2"] },
  email: { name: "A code by e-mail", icon: ["m22 7-8.991 5.727a2 2 0 0 1-2.009 0L2 7", "M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2"] },
  recovery: { name: "A recovery code", icon: ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "m4.93 4.93 4.24 4.24", "m14.83 9.17 4.24-4.24", "m14.83 14.83 4.24 4.24", "m9.17 14.83-4.24 4.24", "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0"] },
};
const ALERT = ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "M12 8v4", "M12 16h.01"];

const Glyph = ({ paths }) => jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });

export default function Window({ action, calls, onAnswer }) {
  const options = useLive(calls.options, { action });
  const [chosen, setChosen] = useState(null);
  const { title, methods: held = [], email } = options.value ?? {};
  const methods = held.filter((method) => method !== "passkey" || window.PublicKeyCredential);
  const method = chosen ?? methods[0];
  const lead = title ? `Needed to ${title.charAt(0).toLowerCase()}${title.slice(1)}.` : " ";
  const box = useRef(null);
  return jsx(D.Root, {
    open: true,
    onOpenChange: (next) => !next && onAnswer(false),
    children: jsxs(D.Portal, {
      children: [
        jsx(D.Overlay, { className: "scrim" }),
        jsxs(D.Content, {
          ref: box,
          className: "dialog step-up",
          onOpenAutoFocus: (event) => (event.preventDefault(), box.current?.focus()),
          onCloseAutoFocus: (event) => event.preventDefault(),
          children: [
            jsxs("div", {
              className: "dialog-head",
              children: [
                jsx(D.Title, { className: "t14", children: "Confirm that it is you" }),
                jsx(D.Description, { className: "soft", children: lead }),
              ],
            }),
            jsx("div", { className: "dialog-body", children: body({ options, method, methods, action, calls, email, setChosen, onAnswer }) }),
            jsx(D.Close, { className: "btn quiet sq sm dialog-x", "aria-label": "Close", children: jsx(Glyph, { paths: ["M18 6 6 18", "m6 6 12 12"] }) }),
          ],
        }),
      ],
    }),
  });
}

function body({ options, method, methods, action, calls, email, setChosen, onAnswer }) {
  if (options.status === "loading") return jsx("div", { className: "step-up-wait late", "aria-hidden": true, children: jsx("span", { className: "bone" }) });
  if (options.status !== "ready") return jsx("p", { className: "note danger", role: "alert", children: options.error });
  if (!method) return jsx("p", { className: "note", children: "There is nothing here to confirm it with. Sign in again, then try once more." });
  const others = methods.filter((each) => each !== method);
  return jsxs(Fragment, {
    children: [
      jsx(Proof, { method, action, calls, email, onProven: () => onAnswer(true) }, method),
      others.length > 0 &&
        jsxs("section", {
          className: "step-up-others",
          children: [
            jsx("h3", { className: "meta", children: "Or confirm with" }),
            ...others.map((each) => jsxs("button", { type: "button", className: "step-up-way", onClick: () => setChosen(each), children: [jsx(Glyph, { paths: WAYS[each].icon }), WAYS[each].name] }, each)),
          ],
        }),
    ],
  });
}

function Proof({ method, action, calls, email, onProven }) {
  const [error, setError] = useState(null);
  const [working, setWorking] = useState(false);
  const [sent, setSent] = useState(0);
  const form = useRef(null);
  useEffect(() => {
    form.current?.querySelector("input, button")?.focus();
  }, [sent > 0]);

  async function attempt(work, after) {
    if (working) return;
    setWorking(true);
    setError(null);
    const answer = await work().catch(() => ({ error: { message: "That did not work. Try again." } }));
    setWorking(false);
    if (answer && !answer.error) return after();
    if (answer?.error) setError(answer.error.message);
    requestAnimationFrame(() => {
      const field = form.current?.querySelector("input");
      field?.focus();
      field?.select?.();
    });
  }

  const inline = { inline: true };
  const asAction = { inline: true, kind: "action" };
  const send = () => attempt(() => runMutation(calls.send, { action }, inline), () => setSent(sent + 1));
  const submit = (event) => {
    event.preventDefault();
    if (method === "passkey") return attempt(async () => (await import("../passkeys")).prove(action), onProven);
    if (method === "email" && !sent) return send();
    const typed = new FormData(form.current).get("proof") ?? "";
    if (method === "password") return attempt(() => runMutation(calls.password, { action, password: typed }, asAction), onProven);
    return attempt(() => runMutation(calls.code, { action, method, code: typed }, asAction), onProven);
  };
  const asksFirst = method === "passkey" || (method === "email" && !sent);
  const verb = method === "passkey" ? "Use a passkey" : asksFirst ? "Send the code" : "Confirm";
  return jsxs("form", {
    ref: form,
    className: "col g4",
    onSubmit: submit,
    noValidate: true,
    children: [
      asksFirst
        ? jsx("p", { className: "soft", children: method === "passkey" ? "Your browser asks for your fingerprint, your face, or the key itself." : `Six digits go to ${email}.` })
        : jsx(Field, { method, email, error }),
      asksFirst && jsx(Wrong, { id: undefined, error }),
      jsxs("div", {
        className: "row g3",
        children: [
          jsxs("button", {
            type: "submit",
            className: "btn ink",
            "aria-busy": working,
            disabled: working,
            children: [jsx("span", { className: "face", children: verb }), jsx("span", { className: "spin", "aria-hidden": true })],
          }),
          method === "email" && sent > 0 && jsx("button", { type: "button", className: "btn quiet", disabled: working, onClick: send, children: "Send another" }),
        ],
      }),
    ],
  });
}

const LABELS = { password: "Password", totp: "Code from the app", email: "Code from the letter", recovery: "Recovery code" };

function Field({ method, email, error }) {
  const id = useId();
  const described = { "aria-describedby": method === "email" ? `${id}-error ${id}-hint` : `${id}-error`, "aria-invalid": Boolean(error) };
  const look = error ? "input bad" : "input";
  const typing = method === "recovery" ? { autoComplete: "off", autoCapitalize: "off", spellCheck: false, maxLength: 20 } : DIGITS;
  return jsxs("div", {
    className: "field",
    children: [
      jsx("label", { className: "label", htmlFor: id, children: LABELS[method] }),
      method === "password"
        ? jsx(Password, { id, name: "proof", className: look, autoComplete: "current-password", ...described })
        : jsx("span", { className: look, children: jsx("input", { id, name: "proof", type: "text", className: "mono", ...typing, ...described }) }),
      jsx(Wrong, { id: `${id}-error`, error }),
      method === "email" && jsx("p", { className: "hint", id: `${id}-hint`, children: `Sent to ${email}. It works for 10 minutes.` }),
    ],
  });
}

function Wrong({ id, error }) {
  return jsx("div", {
    id,
    className: "err-slot",
    "aria-live": "polite",
    children: error && jsxs("p", { className: "err", children: [jsx(Glyph, { paths: ALERT }), jsx("span", { children: error })] }),
  });
}

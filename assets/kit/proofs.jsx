// Proofs in the browser: adding a passkey on this device, and keeping codes in a file.
import { jsx, jsxs } from "react/jsx-runtime";
import { useSyncExternalStore } from "react";
import { notify } from "./toast";

const watchers = new Set();
let adding = Object.freeze({ working: false, error: "" });

function setAdding(next) {
  adding = Object.freeze(next);
  watchers.forEach((watch) => watch());
}

const useAdding = () =>
  useSyncExternalStore(
    (watch) => (watchers.add(watch), () => watchers.delete(watch)),
    () => adding,
    () => adding,
  );

/** Goes on from what `prepare_passkey` gave: the browser makes the key, the server keeps it. */
export async function addPasskey(ticket) {
  setAdding({ working: true, error: "" });
  const answer = await import("../passkeys").then(({ add }) => add(ticket)).catch(() => ({ error: { message: "That did not work. Try again." } }));
  setAdding({ working: false, error: answer.error?.message ?? "" });
  if (!answer.error) notify({ text: "Passkey added" });
}

/** The button that begins it, and why it did not work beside it. */
export function AddPasskey({ start, busy }) {
  const { working, error } = useAdding();
  const able = useSyncExternalStore(() => () => {}, () => Boolean(window.PublicKeyCredential), () => true);
  const waits = working || busy;
  if (!able) return jsx("p", { className: "meta", children: "This browser cannot hold passkeys here. They need https, or this machine itself." });
  return jsxs("div", {
    className: "row wrap g3",
    children: [
      jsxs("button", {
        type: "button",
        className: "btn",
        "aria-busy": waits,
        disabled: waits,
        onClick: (event) => (setAdding({ working: false, error: "" }), start(event)),
        children: [jsx("span", { className: "face", children: "Add a passkey" }), jsx("span", { className: "spin", "aria-hidden": true })],
      }),
      jsx("p", { className: "err-slot err", role: "status", children: error }),
    ],
  });
}

/** Saves a text as a file. */
export function SaveText({ text, file }) {
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text, "\n"], { type: "text/plain" }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return jsx("button", { type: "button", className: "btn", onClick: save, children: "Save as a file" });
}

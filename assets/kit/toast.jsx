// Toasts: what happened out of sight. This is their door; what shows them is fetched with the first one.
import { jsx } from "react/jsx-runtime";
import { useCallback, useEffect, useState } from "react";

const waiting = [];
let show = null;
let fetchWindow = () => {};

/**
 * Shows one toast.
 * kind: "done", "live" or "error"; undo: a function, offered for ten seconds; action: { label, run }.
 * With a detail the text is bold. Errors stay until dismissed, with their request id.
 */
export function notify(said) {
  if (show) return show(said);
  waiting.push(said);
  fetchWindow();
}

/** Shows an error as the engine describes it: { message, fields, request_id }. No field is marked here, so it says what is wrong. */
export function notifyError(error) {
  const message = error?.message ?? "That did not work.";
  const detail = Object.values(error?.fields ?? {}).join(" ");
  const text = detail ? message.split(". ")[0].replace(/\.?$/, ".") : message;
  notify({ text, detail, kind: "error", requestId: error?.request_id });
}

/** Where toasts appear, once there is one. */
export function Toasts() {
  const [Window, setWindow] = useState(null);
  useEffect(() => {
    // When it cannot be fetched, the next toast tries again and shows this one too.
    fetchWindow = () => import("./toast_window").then((window) => setWindow(() => window.default), () => {});
    if (waiting.length > 0) fetchWindow();
    return () => (fetchWindow = () => {});
  }, []);
  const ready = useCallback((given) => {
    show = given;
    for (const said of waiting.splice(0)) show(said);
    return () => (show = null);
  }, []);
  return Window && jsx(Window, { ready });
}

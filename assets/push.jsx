// Browser push in this browser: asking for it, subscribing, and ending it.
import { jsx, jsxs } from "react/jsx-runtime";
import { useCallback, useEffect, useState } from "react";

const WORKER = "/push-worker.js";
const MARK = 16; // characters of the hash by which the server names a browser

const isAble = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const textOf = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function markOf(subscription) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  return [...new Uint8Array(hash)].map((each) => each.toString(16).padStart(2, "0")).join("").slice(0, MARK);
}

async function currentMark() {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  const subscription = await registration?.pushManager.getSubscription();
  return subscription ? markOf(subscription) : null;
}

async function subscribe(publicKey) {
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const key = bytesOf(publicKey);
  const old = await registration.pushManager.getSubscription();
  const isOurs = old?.options.applicationServerKey && textOf(old.options.applicationServerKey) === publicKey;
  if (old && !isOurs) await old.unsubscribe(); // made for another key of this server
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

const WHY = {
  unable: "This browser cannot receive notifications while it is closed. On an iPhone or iPad, add MemberPulse to the home screen first.",
  insecure: "Browsers allow this only over https. Open this server by its https address.",
  denied: "This browser was told to block notifications from here. Allow them in its settings for this site, then come back.",
};

/** Says whether this browser is told things, and turns it on or off. marks: [mark, id] of the listed browsers. */
export function PushHere({ publicKey, marks, onAdd, onRemove }) {
  const [mark, setMark] = useState(undefined);
  const [state, setState] = useState("asking");
  const [fault, setFault] = useState("");
  const read = useCallback(async () => {
    if (!window.isSecureContext) return setState("insecure");
    if (!isAble()) return setState("unable");
    setMark(await currentMark());
    setState(Notification.permission === "denied" ? "denied" : "ready");
  }, []);
  useEffect(() => void read(), [read]);
  const mine = (marks ?? []).find(([each]) => each === mark);
  const turnOn = async () => {
    setFault("");
    setState("busy");
    try {
      if ((await Notification.requestPermission()) === "granted") {
        const { endpoint, keys } = (await subscribe(publicKey)).toJSON();
        const answer = await onAdd(endpoint, keys.p256dh, keys.auth);
        if (answer?.error) setFault(answer.error.message);
      }
    } catch (error) {
      setFault(`This browser could not reach its push service. ${error.message ?? ""}`.trim());
    }
    await read();
  };
  const turnOff = async () => {
    setState("busy");
    await onRemove(mine[1]);
    const registration = await navigator.serviceWorker.getRegistration(WORKER);
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    await read();
  };
  if (state === "asking") return jsx("p", { className: "soft", children: "\u00a0" });
  if (WHY[state]) return jsx("p", { className: "soft", role: "status", children: WHY[state] });
  const button = (text, look, onClick) =>
    jsxs("button", { type: "button", className: look, disabled: state === "busy", "aria-busy": state === "busy", onClick, children: [jsx("span", { className: "face", children: text }), jsx("span", { className: "spin", "aria-hidden": true })] });
  return jsxs("div", {
    className: "col g2 push-here",
    children: [
      jsx("p", { className: "soft", role: "status", children: mine ? "This browser is told, also while MemberPulse is closed." : "This browser is told only while MemberPulse is open." }),
      mine ? button("Turn off in this browser", "btn", turnOff) : button("Turn on in this browser", "btn ink", turnOn),
      fault && jsx("p", { className: "err", role: "alert", children: fault }),
    ],
  });
}

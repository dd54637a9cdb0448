// The wall display: the whole screen, awake, and never a stale value without saying so.
import "./wall.css";
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { followWithoutSession, useConnection } from "../live";

/** Keeps the screen on, and the queries of this page live although nobody is signed in. */
export function WallKeeper() {
  useEffect(() => followWithoutSession(), []);
  useEffect(() => {
    let lock = null;
    const keep = () => {
      if (document.visibilityState !== "visible") return;
      navigator.wakeLock?.request("screen").then((held) => (lock = held), () => {});
    };
    keep();
    document.addEventListener("visibilitychange", keep);
    return () => {
      document.removeEventListener("visibilitychange", keep);
      lock?.release();
    };
  }, []);
  return null;
}

/** Says that the link is lost, once it has been for a while. */
export function WallLost({ after = 6000 }) {
  const { status } = useConnection();
  const lost = status === "reconnecting" || status === "polling";
  const [said, setSaid] = useState(false);
  useEffect(() => {
    setSaid(false);
    if (!lost) return undefined;
    const timer = setTimeout(() => setSaid(true), after);
    return () => clearTimeout(timer);
  }, [lost, after]);
  return said ? jsx("p", { className: "w-lost", role: "status", children: "The connection is lost. Please ask at the desk." }) : null;
}

/** Puts the display on the whole screen. */
export function FullScreen() {
  const [can, setCan] = useState(false);
  useEffect(() => setCan(Boolean(document.fullscreenEnabled)), []);
  if (!can) return null;
  return jsxs("button", {
    type: "button",
    className: "btn w-full",
    "data-key": "f",
    onClick: () => document.querySelector(".wall")?.requestFullscreen(),
    children: ["Full screen"],
  });
}

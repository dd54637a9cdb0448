// The connection made visible: the mark's dot, "as of" beside figures, and a bar when it lasts.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useConnection } from "$/public/live";
import { Moment } from "./time";

const BAR_AFTER_MS = 10000;

const WORDS = {
  connecting: { strong: "Connecting", rest: "" },
  live: { strong: "Live", rest: "" },
  reconnecting: { strong: "Reconnecting", rest: "" },
  polling: { strong: "Not live", rest: ", asking again by itself" },
};

function words({ status, latency, sync_ms }) {
  const known = WORDS[status] ?? WORDS.connecting;
  if (status === "live" && latency !== null && latency !== undefined) return { ...known, rest: `, ${latency} ms` };
  if (status === "polling" && sync_ms) return { strong: `Every ${Math.round(sync_ms / 1000)} s`, rest: "" };
  return known;
}

const bars = [
  [1, 8, 10],
  [5.9, 2, 16],
  [10.8, 6, 12],
];

/** Three bars and a full stop, whose dot is the connection. */
export function Mark({ size = 18, status = "live" }) {
  return jsxs("svg", {
    className: "mark",
    width: size,
    height: size,
    viewBox: "0 0 20 20",
    "aria-hidden": true,
    children: [
      jsx("g", { fill: "currentColor", children: bars.map(([x, y, height]) => jsx("rect", { x, y, width: 3.2, height, rx: 1.6 }, x)) }),
      jsx("circle", { className: `mark-dot ${status}`, cx: 17.4, cy: 15.9, r: 2.1 }),
    ],
  });
}

/** The foot of the sidebar: "Live, 4 ms". */
export function LinkState({ version }) {
  const connection = useConnection();
  const { strong, rest } = words(connection);
  const [status, setStatus] = useState("connecting");
  useEffect(() => {
    setStatus(connection.status);
    const root = document.documentElement;
    if (connection.status === "live" || connection.status === "connecting") delete root.dataset.link;
    else root.dataset.link = connection.status;
  }, [connection.status]);
  return jsxs("div", {
    className: "link-state",
    children: [
      jsx(Mark, { status }),
      jsxs("span", { children: [jsx("b", { children: strong }), jsx("span", { className: "tn", children: rest })] }),
      version && jsx("span", { className: "push faint", children: version }),
      jsx("span", { className: "vh", role: "status", children: status === "live" || status === "connecting" ? "" : strong }),
    ],
  });
}

/** "as of 14:31" while the connection is lost, nothing while it is not. */
export function AsOf() {
  const { status, as_of } = useConnection();
  if (status === "live" || status === "connecting" || !as_of) return null;
  return jsxs("span", { className: "asof wary", children: ["as of ", jsx(Moment, { value: as_of, form: "clock" })] });
}

const WAITS = {
  deed: " What you sent goes out when the server answers again: keep this page open.",
  way: " The page that you chose opens when the server answers again.",
};

/** One line above the page when the connection has been lost for ten seconds, or something waits for it. */
export function LostBar() {
  const { status, as_of, waits } = useConnection();
  const [long, setLong] = useState(false);
  const lost = status === "reconnecting" || status === "polling";
  useEffect(() => {
    if (!lost) return setLong(false);
    const timer = setTimeout(() => setLong(true), BAR_AFTER_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  if (!lost || !(long || waits)) return null;
  return jsxs("div", {
    className: "lostbar",
    role: "status",
    children: [
      jsx("span", { className: "dot warn", "aria-hidden": true }),
      jsxs("span", {
        children: [
          jsx("b", { children: "The connection is lost." }),
          WAITS[waits],
          !waits && as_of && jsxs(Fragment, { children: [" You see the page as of ", jsx(Moment, { value: as_of, form: "clock" }), "; it catches up by itself."] }),
        ],
      }),
    ],
  });
}

// Waits for calls that take a fresh proof of who is there. The dialog itself is fetched when the first one comes.
import { jsx } from "react/jsx-runtime";
import { Suspense, lazy, useEffect, useState } from "react";
import { onProofNeeded } from "../live";

const Window = lazy(() => import("./step_up_window"));

/** Mounted once in the frame. calls: the names of the functions that prove, see `step_up_dialog` in accounts. */
export function StepUp({ calls }) {
  const [waiting, setWaiting] = useState([]);
  useEffect(() => {
    let open = [];
    const show = (next) => setWaiting((open = next));
    const stop = onProofNeeded(
      (action) =>
        new Promise((resolve) => {
          const answer = (proven) => {
            // Whoever waits for the same action has the same answer.
            const same = open.filter((each) => each.action === action);
            show(open.filter((each) => each.action !== action));
            for (const each of same) each.resolve(proven);
          };
          show([...open, { action, resolve, answer }]);
        }),
    );
    return () => {
      stop();
      for (const each of open) each.resolve(false);
    };
  }, []);
  const first = waiting[0];
  if (!first) return null;
  return jsx(Suspense, { fallback: null, children: jsx(Window, { action: first.action, calls, onAnswer: first.answer }, first.action) });
}

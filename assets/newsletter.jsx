// The newsletter's form and the words that follow it, in one place of the page.
import { Children, createElement, useEffect, useState } from "react";

const waiting = new Set();

/** Called when the form was taken. */
export const asked = () => waiting.forEach((show) => show(true));

/** The first child until the form was taken, then the second, which is read aloud. */
export function Asking({ children, ...props }) {
  const [done, setDone] = useState(false);
  const [form, thanks] = Children.toArray(children);
  useEffect(() => {
    waiting.add(setDone);
    return () => void waiting.delete(setDone);
  }, []);
  return createElement("div", props, done ? null : form, createElement("div", { role: "status" }, done ? thanks : null));
}

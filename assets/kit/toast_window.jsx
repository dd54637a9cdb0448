// Toasts as they are seen. Sonner places and stacks them; the words, the ring and the timing are ours.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useRef, useState } from "react";
import { Toaster as Sonner, toast } from "sonner";

const SHOWN_MS = 6000;
const UNDO_MS = 10000;

function Glyph({ kind, seconds }) {
  if (kind === "undo") return jsx("span", { className: "ringed draining", style: { animationDuration: `${seconds}s` }, "aria-hidden": true });
  if (kind === "live") return jsx("span", { className: "dot", "data-beat": "", "aria-hidden": true });
  const paths = kind === "error" ? ["M12 8v4", "M12 16h.01"] : ["M20 6 9 17l-5-5"];
  return jsxs("svg", {
    className: kind === "error" ? "i bad" : "i",
    viewBox: "0 0 24 24",
    "aria-hidden": true,
    children: [kind === "error" && jsx("circle", { cx: 12, cy: 12, r: 10 }, "ring"), ...paths.map((d) => jsx("path", { d }, d))],
  });
}

function Body({ id, text, detail, kind, requestId, undo, action, duration }) {
  const [held, setHeld] = useState(false);
  const left = useRef(duration);
  useEffect(() => {
    if (held || !Number.isFinite(left.current)) return;
    const started = performance.now();
    const timer = setTimeout(() => toast.dismiss(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(1500, left.current - (performance.now() - started));
    };
  }, [held, id]);
  const leave = (event) => !event.currentTarget.contains(event.relatedTarget) && setHeld(false);
  const then = (run) => () => (toast.dismiss(id), run());
  return jsxs("div", {
    className: "toast",
    role: kind === "error" ? "alert" : "status",
    "data-held": held || undefined,
    onPointerEnter: () => setHeld(true),
    onPointerLeave: () => setHeld(false),
    onFocus: () => setHeld(true),
    onBlur: leave,
    children: [
      jsx(Glyph, { kind, seconds: duration / 1000 }),
      jsxs("p", {
        className: "grow",
        children: [
          detail ? jsx("b", { children: jsx("bdi", { children: text }) }) : jsx("bdi", { children: text }),
          detail && [" ", jsx("bdi", { children: detail }, "detail")],
          requestId && jsx("span", { className: "meta mono", children: ` ${requestId}` }),
        ],
      }),
      undo && jsxs("button", { type: "button", className: "btn sm", "data-key": "u", onClick: then(undo), children: ["Undo", jsx("kbd", { "aria-hidden": true, children: "U" })] }),
      action && jsx("button", { type: "button", className: "btn sm quiet", onClick: then(action.run), children: action.label }),
      jsx("button", {
        type: "button",
        className: "btn sm quiet sq",
        "aria-label": "Dismiss",
        onClick: () => toast.dismiss(id),
        children: jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "M18 6 6 18" }), jsx("path", { d: "m6 6 12 12" })] }),
      }),
    ],
  });
}

function show({ text, detail, kind = "done", requestId, undo, action, id }) {
  const what = undo ? "undo" : kind;
  const duration = kind === "error" ? Infinity : undo ? UNDO_MS : SHOWN_MS;
  toast.custom((key) => jsx(Body, { id: key, text, detail, kind: what, requestId, undo, action, duration }), { duration: Infinity, id });
}

/** Where toasts appear: bottom right, bottom centre on phones. `ready` is given what shows one, once there is a place. */
export default function ToastWindow({ ready }) {
  const [phone, setPhone] = useState(false);
  useEffect(() => {
    const query = window.matchMedia("(max-width: 40rem)");
    const read = () => setPhone(query.matches);
    read();
    query.addEventListener("change", read);
    return () => query.removeEventListener("change", read);
  }, []);
  useEffect(() => ready(show), [ready]);
  return jsx(Sonner, {
    position: phone ? "bottom-center" : "bottom-right",
    visibleToasts: 3,
    expand: true,
    gap: 8,
    offset: 20,
    mobileOffset: { bottom: 68, left: 8, right: 8 },
    toastOptions: { unstyled: true, classNames: { toast: "toast-at" } },
    containerAriaLabel: "Messages",
  });
}

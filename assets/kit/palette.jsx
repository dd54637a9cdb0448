// The palette's door: its keys, and whether it is open. The palette itself is fetched when it first opens.
import { jsx, jsxs } from "react/jsx-runtime";
import { Suspense, createContext, lazy, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";
import { places } from "./slots";

const Window = lazy(() => import("./palette_window"));
const REST_MS = 120;
const BACK_MS = 20; // the window has gone by then
const watchers = new Set();
let open = false;

let before = null; // where the keyboard was

export function setPalette(next) {
  if (open === next) return;
  open = next;
  if (open) before = document.activeElement;
  else setTimeout(() => document.activeElement === document.body && before?.isConnected && before.focus(), BACK_MS);
  watchers.forEach((watch) => watch());
}

export const openPalette = () => setPalette(true);

export const PaletteContext = createContext(null);

function useOpen() {
  return useSyncExternalStore(
    (watch) => (watchers.add(watch), () => watchers.delete(watch)),
    () => open,
    () => false,
  );
}

/** Everything one may do or go to, by typing. Children are PaletteGroup and PaletteItem. */
export function Palette({ children }) {
  const shown = useOpen();
  useEffect(() => {
    const press = (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setPalette(!open);
    };
    window.addEventListener("keydown", press);
    return () => (window.removeEventListener("keydown", press), setPalette(false));
  }, []);
  return shown && jsx(Suspense, { fallback: null, children: jsx(Window, { onOpenChange: setPalette, children }) });
}

/** What is typed into the open palette, once the typing rests: for queries that search. */
export function usePaletteText() {
  const { useCommandState } = useContext(PaletteContext);
  const text = useCommandState((state) => state.search);
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

export function PaletteGroup({ heading, children }) {
  const { Command } = useContext(PaletteContext);
  return jsx(Command.Group, { heading, children });
}

export function PaletteItem({ slots, label, keywords, href, onSelect, hint, keys, children }) {
  const { icon } = places(children, slots);
  const { Command } = useContext(PaletteContext);
  const navigate = useNavigate();
  const choose = () => {
    setPalette(false);
    if (href) navigate(href);
    else setTimeout(() => onSelect?.(), 0);
  };
  return jsxs(Command.Item, {
    value: `${label} ${hint ?? ""}`,
    keywords: keywords ? keywords.split(" ") : undefined,
    onSelect: choose,
    children: [
      icon,
      jsx("span", { className: "grow cut", children: label }),
      hint && jsx("span", { className: "meta cut", children: hint }),
      keys && jsx("span", { className: "row g1", "aria-hidden": true, children: keys.split(" ").map((key) => jsx("kbd", { children: key }, key)) }),
    ],
  });
}

// The application frame: single keys, the sidebar, the theme.
import { jsx, jsxs } from "react/jsx-runtime";
import { useContext, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { ColorModeContext } from "$/utils/context";
import { afterGo, isTyping } from "./keys";
import { openDialog } from "./overlay";
import { openPalette } from "./palette";

const SIDE = "memberpulse.side";
const KEYS = "memberpulse.keys";

const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const store = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* a private window: the choice lasts as long as the page */
  }
};

export function toggleSidebar() {
  const root = document.documentElement;
  const closed = root.dataset.side !== "closed";
  root.dataset.side = closed ? "closed" : "open";
  store(SIDE, root.dataset.side);
}

const isVisible = (element) => element.getClientRects().length > 0;

function press(key) {
  const layer = document.querySelector("[role=dialog], [role=alertdialog], [role=menu]");
  const targets = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const target = targets.find((each) => isVisible(each) && (!layer || layer.contains(each) || each.closest("[data-sonner-toaster]")));
  if (!target || target.getAttribute("aria-disabled") === "true") return false;
  if (target.matches("input, textarea")) target.focus();
  else target.click();
  return true;
}

let arrived = null;
const HEADING_MS = 3000; // a page may first have to learn what it shows

/** After a navigation inside the application, focus moves to the page's heading: the router leaves it on the body. */
function useFocusHeading() {
  const { pathname, search } = useLocation();
  useEffect(() => {
    const first = arrived === null;
    const moved = arrived !== pathname;
    arrived = pathname;
    if (first) return undefined;
    const until = performance.now() + HEADING_MS;
    const look = () => {
      if (!moved && document.activeElement !== document.body) return; // the address keeps what is typed, too
      const heading = document.querySelector("main h1");
      if (heading) heading.focus({ preventScroll: true });
      else if (performance.now() < until) waiting = setTimeout(look, 50);
    };
    let waiting = setTimeout(look, 20);
    return () => clearTimeout(waiting);
  }, [pathname, search]);
}

/** Single keys for the whole application. routes: key after G → path. */
export function Shortcuts({ routes }) {
  const navigate = useNavigate();
  useFocusHeading();
  useEffect(() => {
    const root = document.documentElement;
    const namesPage = afterGo();
    root.dataset.side = stored(SIDE) ?? "open";
    root.dataset.keys = stored(KEYS) ?? "on";
    const down = (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        document.activeElement?.closest("form")?.requestSubmit();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || root.dataset.keys === "off") return;
      const key = event.key.toLowerCase();
      const goes = namesPage(key);
      const covered = document.querySelector("[role=dialog], [role=alertdialog]");
      if (goes && routes[key] && !covered) return event.preventDefault(), navigate(routes[key]);
      if (document.querySelector("[role=menu]")) return;
      if (press(key)) return event.preventDefault();
      if (covered) return;
      if (key === "?") event.preventDefault(), openDialog("keys");
      else if (key === "/") event.preventDefault(), openPalette();
      else if (key === "[") toggleSidebar();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [navigate, JSON.stringify(routes)]);
  return null;
}

/** Single keys on or off, for people whose software types letters by itself. */
export function KeysSwitch() {
  const [on, setOn] = useState(true);
  useEffect(() => setOn(document.documentElement.dataset.keys !== "off"), []);
  const change = (event) => {
    setOn(event.target.checked);
    document.documentElement.dataset.keys = event.target.checked ? "on" : "off";
    store(KEYS, document.documentElement.dataset.keys);
  };
  return jsxs("label", {
    className: "row",
    children: [jsx("input", { type: "checkbox", role: "switch", className: "switch", checked: on, onChange: change }), "Single keys"],
  });
}

const THEMES = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["system", "As the device"],
];

/** Light, dark, or as the device says. */
export function ThemeSwitch({ label = "Theme" }) {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const [mode, setMode] = useState(null);
  useEffect(() => setMode(rawColorMode), [rawColorMode]);
  return jsx("div", {
    className: "seg full",
    role: "group",
    "aria-label": label,
    children: THEMES.map(([value, name]) =>
      jsx("button", { type: "button", "aria-pressed": mode === value, onClick: () => setColorMode(value), children: name }, value),
    ),
  });
}

/** Posts a form natively, with a full navigation. */
export function postForm(path, fields) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of Object.entries(fields ?? {})) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value ?? "";
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

// What floats: menus, popovers, dialogs and tips. The button is drawn at once; the behaviour arrives when it is wanted.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { places } from "./slots";
import { createContext, useContext, useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { Link } from "react-router";

let radix = null;
let loading = null;

/** Fetches the behaviour once. */
export function loadOverlays() {
  return (loading ??= import("./radix").then((parts) => (radix = parts)));
}

const OverlayContext = createContext(null);

/** Closes the overlay around it; does nothing outside one. */
export function Close({ children, ...props }) {
  const close = useContext(OverlayContext);
  const { onClick, ...rest } = props;
  return jsx("button", { type: "button", ...rest, onClick: (event) => (onClick?.(event), close?.()), children });
}

/** A link that closes the overlay around it. */
export function CloseLink({ href, onClick, children, ...props }) {
  const close = useContext(OverlayContext);
  const leave = (event) => {
    onClick?.(event);
    if (!event.metaKey && !event.ctrlKey && !event.shiftKey) close?.();
  };
  return jsx(Link, { ...props, to: href, onClick: leave, children });
}

function useOverlay() {
  const [ready, setReady] = useState(false);
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const wasOpen = useRef(false);
  const prepare = () => {
    if (radix) setReady(true);
    else loadOverlays().then(() => setReady(true));
  };
  const show = (next) => {
    if (next) prepare();
    setOpen(next);
  };
  const trigger = {
    ref: button,
    type: "button",
    "aria-expanded": open,
    "data-open": open || undefined,
    onPointerEnter: () => loadOverlays(),
    onFocus: () => loadOverlays(),
    onPointerDown: () => (wasOpen.current = open),
    onClick: () => {
      const next = !wasOpen.current;
      wasOpen.current = false;
      show(next);
    },
  };
  return { ready: ready && radix, open, show, button, trigger };
}

const collision = { top: 8, right: 8, bottom: 8, left: 8 };

/** Where what a button opens is put: inside the button's own landmark, so that it is reached from there. */
const landmark = (button) => button?.closest("main, header, aside, nav, [role=dialog]") ?? undefined;

function Scrim() {
  return jsx("div", { className: "scrim sheet-only", "aria-hidden": true });
}

/** A button that opens a menu of MenuItem, MenuChoice and MenuRule. */
export function Menu({ slots, label, describe, className, width, align = "end", side = "bottom", title, children: given, onOpenChange, shortcut }) {
  const { face, rest: children } = places(given, slots);
  const { ready, open, show, button, trigger } = useOverlay();
  const id = useId();
  const change = (next) => (show(next), onOpenChange?.(next));
  const openByKey = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    change(true);
  };
  return jsxs(Fragment, {
    children: [
      jsx("button", {
        ...trigger,
        className,
        "aria-label": label,
        "aria-haspopup": "menu",
        "aria-controls": open && ready ? id : undefined,
        "data-key": shortcut,
        onKeyDown: openByKey,
        children: face,
      }),
      ready && open &&
        jsxs(ready.Menu.Root, {
          open,
          modal: false,
          onOpenChange: change,
          children: [
            jsx(ready.Menu.Anchor, { virtualRef: button }),
            jsx(Scrim, {}),
            jsx(ready.Menu.Portal, {
              container: landmark(button.current),
              children: jsxs(ready.Menu.Content, {
                  id,
                  className: "pop menu",
                  "aria-label": title ?? label,
                  style: width ? { width } : undefined,
                  align,
                  side,
                  sideOffset: 6,
                  collisionPadding: collision,
                  loop: true,
                  onCloseAutoFocus: (event) => {
                    event.preventDefault();
                    const at = document.activeElement;
                    if (!at || at === document.body || at.closest("[role=menu]")) button.current?.focus();
                  },
                  onInteractOutside: (event) => {
                    if (button.current?.contains(event.target)) event.preventDefault();
                  },
                  children: [title && jsx("p", { className: "menu-title", children: title }), children],
                }),
            }),
          ],
        }),
    ],
  });
}

function itemBody({ slots, children: given, keys }) {
  const { icon, hint, rest: children } = places(given, slots);
  return jsxs(Fragment, {
    children: [
      icon,
      jsxs("span", {
        className: "grow col",
        children: [jsx("span", { children }), hint && jsx("span", { className: "meta", children: hint })],
      }),
      keys && jsx("kbd", { "aria-hidden": true, children: keys }),
    ],
  });
}

export function MenuItem({ onSelect, href, danger, disabled, stay, ...body }) {
  const props = {
    className: danger ? "danger-quiet" : undefined,
    disabled,
    onSelect: (event) => {
      if (stay) event.preventDefault();
      onSelect?.(event);
    },
  };
  if (href) return jsx(radix.Menu.Item, { ...props, asChild: true, children: jsx("a", { href, children: itemBody(body) }) });
  return jsx(radix.Menu.Item, { ...props, children: itemBody(body) });
}

/** One of several: a tick marks the one that stands. */
export function MenuChoice({ slots, checked, onSelect, disabled, children: given }) {
  const { hint, rest: children } = places(given, slots);
  return jsxs(radix.Menu.CheckboxItem, {
    role: "menuitemradio",
    checked: Boolean(checked),
    disabled,
    onSelect,
    children: [
      jsx("span", { className: "tick", children: checked && jsx(Check, {}) }),
      jsxs("span", { className: "grow col", children: [jsx("span", { className: "strong", children }), hint && jsx("span", { className: "meta", children: hint })] }),
    ],
  });
}

export function MenuRule() {
  return jsx(radix.Menu.Separator, { className: "rule" });
}

function Check() {
  return jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: jsx("path", { d: "M20 6 9 17l-5-5" }) });
}

function Cross() {
  return jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "M18 6 6 18" }), jsx("path", { d: "m6 6 12 12" })] });
}

/** A button that opens a panel of anything. */
export function Popover({ slots, label, className, panelClass = "", title, align = "end", side = "bottom", children: given, onOpenChange, shortcut }) {
  const { face, rest: children } = places(given, slots);
  const { ready, open, show, button, trigger } = useOverlay();
  const id = useId();
  const change = (next) => (show(next), onOpenChange?.(next));
  return jsxs(Fragment, {
    children: [
      jsx("button", {
        ...trigger,
        onClick: () => (trigger.onClick(), onOpenChange?.(!open)),
        className,
        "aria-label": label,
        "aria-haspopup": "dialog",
        "aria-controls": open && ready ? id : undefined,
        "data-key": shortcut,
        children: face,
      }),
      ready && open &&
        jsxs(ready.Popover.Root, {
          open,
          onOpenChange: change,
          children: [
            jsx(ready.Popover.Anchor, { virtualRef: button }),
            jsx(Scrim, {}),
            jsx(ready.Popover.Portal, {
              container: landmark(button.current),
              children: jsx(ready.Popover.Content, {
                  id,
                  className: `pop panel ${panelClass}`,
                  "aria-label": title ?? label,
                  align,
                  side,
                  sideOffset: 6,
                  collisionPadding: collision,
                  onCloseAutoFocus: (event) => {
                    event.preventDefault();
                    button.current?.focus();
                  },
                  onInteractOutside: (event) => {
                    if (button.current?.contains(event.target) || event.target.closest?.("[data-sonner-toaster]")) event.preventDefault();
                  },
                  children: jsx(OverlayContext.Provider, { value: () => change(false), children }),
                }),
            }),
          ],
        }),
    ],
  });
}

// A menu gives the focus back to its button when it has gone; a dialog opened from it must find it there.
const MENU_GONE_MS = 30;
const dialogs = new Map();
const watchers = new Set();
const CLOSED = Object.freeze({ open: false, subject: {} });

function setDialog(name, next) {
  dialogs.set(name, next);
  watchers.forEach((watch) => watch());
}

/** Opens the dialog of that name. The subject is what it is about, and stays while it closes. */
export function openDialog(name, subject) {
  loadOverlays().then(() => setTimeout(() => setDialog(name, { open: true, subject: subject ?? {} }), MENU_GONE_MS));
}

export function closeDialog(name) {
  setDialog(name, { open: false, subject: (dialogs.get(name) ?? CLOSED).subject });
}

export function useDialog(name) {
  return useSyncExternalStore(
    (watch) => (watchers.add(watch), () => watchers.delete(watch)),
    () => dialogs.get(name) ?? CLOSED,
    () => CLOSED,
  );
}

/** A modal panel, open while its name is. shape: "dialog" in the middle, or "drawer" from the left. */
export function Dialog({ slots, name, shape = "dialog", className = "", children: given, empty, alert, quiet, onClose }) {
  const { title, lead, footer, rest } = places(given, slots);
  const children = empty ? null : rest;
  const { open } = useDialog(name);
  const id = useId();
  const before = useRef(null);
  useEffect(() => () => dialogs.delete(name), [name]);
  if (!open || !radix) return null;
  const close = () => (closeDialog(name), onClose?.());
  const { Dialog: D } = radix;
  return jsx(D.Root, {
    open,
    onOpenChange: (next) => !next && close(),
    children: jsxs(D.Portal, {
      children: [
        jsx(D.Overlay, { className: "scrim" }),
        jsx(D.Content, {
          className: `${shape} ${className}`,
          role: alert ? "alertdialog" : "dialog",
          onOpenAutoFocus: (event) => {
            before.current = document.activeElement;
            // Space on a switch that one did not look for would change something.
            const first = event.currentTarget.querySelector("input:not([type=hidden]), textarea, select, button, a[href]");
            if (first?.matches("[role=switch]")) event.preventDefault(), event.currentTarget.focus();
          },
          onCloseAutoFocus: (event) => {
            event.preventDefault();
            before.current?.focus();
          },
          "aria-describedby": lead ? id : undefined,
          children: jsxs(OverlayContext.Provider, {
            value: close,
            children: [
              jsxs("div", {
                className: quiet ? "vh" : "dialog-head",
                children: [
                  jsx(D.Title, { className: "t14", children: title }),
                  lead && jsx(D.Description, { id, className: "soft", children: lead }),
                ],
              }),
              children && jsx("div", { className: "dialog-body", children }),
              footer && jsx("footer", { children: footer }),
              jsx(D.Close, { className: "btn quiet sq sm dialog-x", "aria-label": "Close", children: jsx(Cross, {}) }),
            ],
          }),
        }),
      ],
    }),
  });
}

/** The body of a confirmation that cannot be undone: the danger button wakes when the word is typed. */
export function TypeToConfirm({ word, verb, onConfirm, busy }) {
  const [typed, setTyped] = useState("");
  const close = useContext(OverlayContext);
  const id = useId();
  const right = typed.trim() === String(word ?? "").trim() && typed.trim() !== "";
  const submit = (event) => {
    event.preventDefault();
    if (!right || busy) return;
    onConfirm?.(event);
    close?.();
  };
  return jsxs("form", {
    className: "confirm",
    onSubmit: submit,
    children: [
      jsxs("div", {
        className: "field dialog-body",
        children: [
          jsxs("label", { htmlFor: id, children: ["Type ", jsx("b", { className: "mono", children: word }), " to go on"] }),
          jsx("input", { id, className: "input", autoComplete: "off", spellCheck: false, value: typed, onChange: (event) => setTyped(event.target.value) }),
        ],
      }),
      jsxs("footer", {
        children: [
          jsxs("span", {
            className: "push row",
            children: [
              jsx(Close, { className: "btn", children: "Cancel" }),
              jsx("button", { type: "submit", className: "btn danger", "aria-disabled": !right, children: verb }),
            ],
          }),
        ],
      }),
    ],
  });
}

const TIP_WAIT_MS = 450;

/** Names or explains what it surrounds, on hover and on focus. Never holds what must be known. */
export function Tip({ text, keys, side = "bottom", className, children }) {
  const [open, setOpen] = useState(false);
  const wait = useRef(null);
  useEffect(() => () => clearTimeout(wait.current), []);
  const show = (ms) => {
    clearTimeout(wait.current);
    wait.current = setTimeout(() => loadOverlays().then(() => setOpen(true)), ms);
  };
  const hide = () => {
    clearTimeout(wait.current);
    setOpen(false);
  };
  const fine = (event) => event.pointerType !== "touch";
  return jsxs("span", {
    className: `tip-at ${className ?? ""}`,
    onPointerEnter: (event) => fine(event) && show(TIP_WAIT_MS),
    onPointerLeave: hide,
    onPointerDown: hide,
    onFocus: (event) => event.target.matches(":focus-visible") && show(0),
    onBlur: hide,
    onKeyDown: (event) => event.key === "Escape" && open && (event.stopPropagation(), hide()),
    children: [
      children,
      open && radix &&
        jsx(radix.Tooltip.Provider, {
          children: jsxs(radix.Tooltip.Root, {
            open,
            onOpenChange: (next) => !next && hide(),
            children: [
              jsx(radix.Tooltip.Trigger, { asChild: true, children: jsx("span", { className: "tip-box", "aria-hidden": true }) }),
              jsx(radix.Tooltip.Portal, {
                children: jsxs(radix.Tooltip.Content, {
                  className: "tip",
                  side,
                  sideOffset: 6,
                  collisionPadding: collision,
                  "aria-hidden": true,
                  children: [text, keys && jsx("kbd", { children: keys })],
                }),
              }),
            ],
          }),
        }),
    ],
  });
}

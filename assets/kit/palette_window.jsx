// The open palette.
import { jsx, jsxs } from "react/jsx-runtime";
import { Command, useCommandState } from "cmdk";
import { PaletteContext } from "./palette";

export default function Window({ onOpenChange, children }) {
  return jsx(PaletteContext.Provider, {
    value: { Command, useCommandState },
    children: jsxs(Command.Dialog, {
      open: true,
      onOpenChange,
      loop: true,
      label: "Search or jump to",
      className: "palette-box",
      overlayClassName: "scrim",
      contentClassName: "dialog palette",
      children: [
        jsxs("div", {
          className: "palette-find",
          children: [
            jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "m21 21-4.34-4.34" }), jsx("circle", { cx: 11, cy: 11, r: 8 })] }),
            jsx(Command.Input, { placeholder: "Search or jump to…", autoFocus: true }),
            jsx("kbd", { "aria-hidden": true, children: "esc" }),
          ],
        }),
        jsxs(Command.List, { className: "palette-list", children: [jsx(Command.Empty, { children: "Nothing by that name." }), children] }),
      ],
    }),
  });
}

// The open palette.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { Command, defaultFilter, useCommandState } from "cmdk";
import { PaletteContext } from "./palette";

const WEAK = 0.1;

/** Where the letters only stand somewhere, one after the other, there is no likeness to be seen. */
const rank = (value, search, keywords) => {
  const score = defaultFilter(value, search, keywords);
  return score < WEAK ? 0 : score;
};

/** People arrive after the search has begun: the first item is chosen when nothing else is. */
function FirstChoice({ choose }) {
  const count = useCommandState((state) => state.filtered.count);
  const search = useCommandState((state) => state.search);
  useEffect(() => {
    const list = document.querySelector(".palette-list");
    if (!list || list.querySelector("[cmdk-item][aria-selected=true]")) return;
    const item = list.querySelector("[cmdk-item]:not([aria-disabled=true])");
    if (item) choose(item.getAttribute("data-value"));
  }, [count, search]);
  return null;
}

export default function Window({ onOpenChange, children }) {
  const [value, setValue] = useState("");
  return jsx(PaletteContext.Provider, {
    value: { Command, useCommandState },
    children: jsxs(Command.Dialog, {
      open: true,
      onOpenChange,
      value,
      onValueChange: setValue,
      loop: true,
      filter: rank,
      label: "Search or jump to",
      className: "palette-box",
      overlayClassName: "scrim",
      contentClassName: "dialog palette",
      children: [
        jsxs("div", {
          className: "palette-find",
          children: [
            jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "m21 21-4.34-4.34" }), jsx("circle", { cx: 11, cy: 11, r: 8 })] }),
            jsx(Command.Input, { placeholder: "Search or jump to…" }),
            jsx("kbd", { "aria-hidden": true, children: "esc" }),
          ],
        }),
        jsxs(Command.List, { className: "palette-list", children: [jsx(Command.Empty, { children: "Nothing by that name." }), children] }),
        jsx(FirstChoice, { choose: setValue }),
      ],
    }),
  });
}

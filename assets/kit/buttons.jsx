// A button that may be off: it keeps its place in the tab order and says why it cannot be pressed.
import { jsx, jsxs } from "react/jsx-runtime";
import { useId } from "react";
import { Tip } from "./overlay";

export function OffButton({ off, onClick, children, ...props }) {
  const id = useId();
  if (!off) return jsx("button", { ...props, onClick, children });
  const refuse = (event) => event.preventDefault();
  return jsx(Tip, {
    text: off,
    children: jsxs("button", {
      ...props,
      "aria-disabled": true,
      "aria-describedby": id,
      onClick: refuse,
      children: [children, jsx("span", { id, className: "vh", children: off })],
    }),
  });
}

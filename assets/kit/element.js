// What Reflex calls for each element, in place of Emotion: screens are styled by classes, and what a component is given
// beside them are plain declarations, which React sets as they are.
import { createElement } from "react";

/** React's `createElement`, where `css` is declarations without selectors. Throws TypeError when it is more. */
export function jsx(type, props, ...children) {
  if (props?.css == null) return createElement(type, props, ...children);
  const { css, style, ...others } = props;
  for (const [name, value] of Object.entries(css))
    if (typeof value === "object" && value !== null) throw new TypeError(`Style ${name} by a class, not by a prop`);
  return createElement(type, { ...others, style: { ...css, ...style } }, ...children);
}

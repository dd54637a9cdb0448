// What Reflex calls for each element, in place of Emotion: screens are styled by classes, and what a component is given
// beside them are plain declarations, which React sets as they are. Others are told of in development, and left out.
import { createElement } from "react";

/** React's `createElement`, where `css` is declarations without selectors. */
export function jsx(type, props, ...children) {
  if (props?.css == null) return createElement(type, props, ...children);
  const { css, style, ...others } = props;
  const plain = Object.fromEntries(Object.entries(css).filter(isPlain));
  return createElement(type, { ...others, style: { ...plain, ...style } }, ...children);
}

function isPlain([name, value]) {
  const plain = typeof value !== "object" || value === null;
  if (!plain && import.meta.env.DEV) console.error(`Style ${name} by a class, not by a prop`);
  return plain;
}

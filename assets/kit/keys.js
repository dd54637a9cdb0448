// What every listener to single keys asks first.
const GO_WITHIN_MS = 1200;

/** Whether the element takes letters, so that a letter is no command. */
export const isTyping = (element) =>
  element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");

/** A function of each key in turn: whether it follows a G, after which a letter names a page. */
export function afterGo() {
  let pressed = -Infinity; // no G was pressed yet, however young the page is
  return (key) => {
    const follows = performance.now() - pressed < GO_WITHIN_MS;
    pressed = key === "g" ? performance.now() : -Infinity;
    return follows;
  };
}

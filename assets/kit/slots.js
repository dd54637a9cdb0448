// Named places of a component. They come as its first children, so that Reflex gathers their hooks.

/** The children by name, and what is left as `rest`. */
export function places(children, slots) {
  if (!slots?.length) return { rest: children };
  const found = Object.fromEntries(slots.map((name, index) => [name, children[index]]));
  return { ...found, rest: children[slots.length] };
}

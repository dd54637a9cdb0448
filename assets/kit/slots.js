// Named places of a component. They come as its first children, so that Reflex gathers their hooks.

/** The children by name, and what is left as `rest`. */
export function places(children, slots) {
  if (!slots?.length) return { rest: children };
  const all = Array.isArray(children) ? children : [children];
  const found = Object.fromEntries(slots.map((name, index) => [name, all[index]]));
  return { ...found, rest: all[slots.length] };
}

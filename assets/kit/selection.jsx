// What is selected in a list: X and the checkbox select, shift takes all in between, and a bar floats over the foot.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useMemo, useSyncExternalStore } from "react";

const NONE = Object.freeze([]);
const lists = new Map(); // name -> { ids, anchor, listeners }

function listOf(name) {
  if (!lists.has(name)) lists.set(name, { ids: NONE, anchor: null, listeners: new Set() });
  return lists.get(name);
}

function set(name, ids, anchor) {
  const list = listOf(name);
  list.ids = Object.freeze(ids);
  list.anchor = anchor;
  for (const listener of list.listeners) listener();
}

function pick(name, id, all) {
  const { ids, anchor } = listOf(name);
  if (!all || anchor === null) return set(name, ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id], id);
  const order = [...document.querySelectorAll(`[data-pick="${CSS.escape(name)}"]`)].map((box) => box.value);
  const [from, to] = [order.indexOf(anchor), order.indexOf(id)].sort((a, b) => a - b);
  set(name, [...new Set([...ids, ...order.slice(Math.max(0, from), to + 1)])], id);
}

export const clearSelection = (name) => set(name, [], null);

/** The ids of what is selected, in the order of selection. */
export function useSelection(name) {
  const [subscribe, read] = useMemo(() => {
    const list = listOf(name);
    return [(listener) => (list.listeners.add(listener), () => list.listeners.delete(listener)), () => list.ids];
  }, [name]);
  return useSyncExternalStore(subscribe, read, () => NONE);
}

/** The checkbox of one row. */
export function Pick({ list, id, label }) {
  const chosen = useSelection(list).includes(id);
  const change = (event) => pick(list, id, event.nativeEvent.shiftKey);
  return jsx("label", {
    className: "pick",
    children: jsx("input", { type: "checkbox", className: "check", "data-pick": list, value: id, checked: chosen, onChange: change, "aria-label": label }),
  });
}

/** What can be done with all that is selected. known: the ids that the list shows; what leaves it is not selected any more. */
export function BulkBar({ list, known, children }) {
  const ids = useSelection(list);
  useEffect(() => {
    const left = ids.filter((id) => known.includes(id));
    if (left.length < ids.length) set(list, left, left.includes(listOf(list).anchor) ? listOf(list).anchor : null);
  }, [ids, known, list]);
  useEffect(() => () => clearSelection(list), [list]);
  useEffect(() => {
    const down = (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || listOf(list).ids.length === 0) return;
      if (!document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) clearSelection(list);
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [list]);
  if (ids.length === 0) return null;
  return jsxs("div", {
    className: "bulk",
    role: "toolbar",
    "aria-label": `Actions for ${ids.length} selected`,
    children: [
      jsx("b", { className: "tn", role: "status", children: `${ids.length} selected` }),
      jsx("span", { className: "rule" }),
      children,
      jsx("span", { className: "rule" }),
      jsx("button", {
        type: "button",
        className: "btn sq",
        "aria-label": "Clear the selection",
        onClick: () => clearSelection(list),
        children: jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("path", { d: "M18 6 6 18" }), jsx("path", { d: "m6 6 12 12" })] }),
      }),
    ],
  });
}

// Who is where. The marks are one list for the whole organization; a row looks itself up.
import { useLocation } from "react-router";

const indexes = new WeakMap();

function markOf(marks, id) {
  if (!marks) return undefined;
  if (!indexes.has(marks)) indexes.set(marks, new Map(marks.map((mark) => [mark.user_id, mark])));
  return indexes.get(marks).get(id);
}

export const seenOf = (marks, id) => markOf(marks, id)?.seen ?? "away";

/** When they were last seen, or null: here, or too long ago to be known. */
export const lastSeen = (marks, id) => markOf(marks, id)?.last_seen_at ?? null;

/** The others who look at a thing of this page. */
export function lookersOf(looks, thing, me) {
  return (looks ?? []).filter((look) => look.thing === thing && look.person.id !== me).map((look) => look.person);
}

/** The path of the page, as presence knows it. */
export function usePagePath() {
  const { pathname } = useLocation();
  return pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
}

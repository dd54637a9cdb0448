// Numbers and names as they are read.
const numbers = new Intl.NumberFormat("en-GB");

export const sayNumber = (value) => (typeof value === "number" ? numbers.format(value) : "");

/** "Priya Raman, Jonas Lindqvist and 2 more" */
export function sayNames(people, total, most = 3) {
  const all = total ?? people?.length ?? 0;
  const shown = (people ?? []).slice(0, all > most ? most - 1 : most).map((person) => person.name);
  const rest = all - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : (shown[0] ?? "");
}

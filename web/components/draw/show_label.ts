/** Most characters of a class's name that the page shows. */
const MOST_CHARACTERS = 12;

/**
 * The name of class `place` as the page shows it: one line without control or
 * direction characters, cut where it is long, its number where nothing is left. A
 * model in a link says what its classes are called, whoever made it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { showLabel } from "./show_label.ts";
 *
 * assertEquals(["7", "a\u202eb\nc", "", "a".repeat(99)].map(showLabel), ["7", "ab c", "2", `${"a".repeat(11)}…`]);
 * ```
 */
export function showLabel(label: string, place: number): string {
  const line = label.replace(/\s+/gu, " ").replace(/\p{C}/gu, "").trim();
  const characters = [...line];
  if (characters.length === 0) return String(place);
  if (characters.length <= MOST_CHARACTERS) return line;
  return `${characters.slice(0, MOST_CHARACTERS - 1).join("")}…`;
}

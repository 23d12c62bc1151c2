import { cleanText } from "../../../core/text/clean_text.ts";

/** Most characters of a class's name that the page shows. */
const MOST_CHARACTERS = 12;

/**
 * The name of class `place` as the page shows it: one short line, in which what
 * can't be seen is written out; its number where nothing is left. A model in a link
 * says what its classes are called, whoever made it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { showLabel } from "./show_label.ts";
 *
 * assertEquals(["7", "a\u202eb\nc", ""].map(showLabel), ["7", "a\\u{202e}b c", "2"]);
 * assertEquals(showLabel("a".repeat(99), 0), `${"a".repeat(11)}…`);
 * ```
 */
export function showLabel(label: string, place: number): string {
  const line = label.replace(/\s+/gu, " ").trim();
  return cleanText(line, { length: MOST_CHARACTERS }) || String(place);
}

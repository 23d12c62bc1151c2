/**
 * What a terminal, a log or a reader's eye would obey instead of show: control
 * characters, line and paragraph separators, marks of writing direction, what has
 * no width, tags, and halves of surrogate pairs.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/**
 * `text` of several lines, of which parts come from a file, a name or a request:
 * what can't be seen is written as `\u{…}`, the ends of lines stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeUnseen } from "./clean_text.ts";
 *
 * assertEquals(escapeUnseen("seven\n\u009b2J"), "seven\n\\u{9b}2J");
 * ```
 */
export function escapeUnseen(text: string): string {
  return text.replaceAll(UNSEEN, (each) => each === "\n" ? each : escape(each));
}

/**
 * `json` as a terminal may show it: the same document, in which what can't be seen
 * is written as JSON writes it, `\uXXXX`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeJson } from "./clean_text.ts";
 *
 * const json = escapeJson(JSON.stringify(["\u202e\u009b"]));
 * assertEquals([json, JSON.parse(json)], ['["\\u202e\\u009b"]', ["\u202e\u009b"]]);
 * ```
 */
export function escapeJson(json: string): string {
  return json.replaceAll(
    UNSEEN,
    (each) =>
      each === "\n" ? each : Array.from(
        { length: each.length },
        (_, at) => `\\u${each.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}

/** The most characters that {@linkcode cleanText} lets through, where it isn't told. */
const LENGTH = 200;

/**
 * `text` as it may stand in a terminal, a log or an alert, where it comes from a
 * file, a name or a request: what can't be seen is written as `\u{…}`, and what is
 * longer than `length` characters is cut, with `…` in its place.
 *
 * Cleaned text stays as it is when it is cleaned again.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cleanText } from "./clean_text.ts";
 *
 * assertEquals(cleanText("seven\u001b[31m\u202e"), "seven\\u{1b}[31m\\u{202e}");
 * assertEquals(cleanText("a long label", { length: 6 }), "a lon…");
 * ```
 */
export function cleanText(
  text: string,
  { length = LENGTH }: { length?: number } = {},
): string {
  // Cut before it is escaped: a gigabyte of one label is not worth reading.
  const visible = text.slice(0, 2 * length + 2).replaceAll(
    UNSEEN,
    escape,
  );
  const characters = [...visible];
  if (characters.length <= length && text.length <= 2 * length + 2) {
    return visible;
  }
  return `${characters.slice(0, length - 1).join("")}…`;
}

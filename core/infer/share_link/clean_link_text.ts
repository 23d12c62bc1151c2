/** Names that HTML has for characters found within links; those of no width become none. */
const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: " ",
  shy: "",
  zwj: "",
  zwnj: "",
};

/** `run` of %-escapes as text, or itself where it is no UTF-8. */
function decodeEscapes(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

/** `text` as it was before HTML, and up to three programs that pass links on, escaped it. */
function unescapeText(text: string): string {
  let plain = text.replace(
    /&(?:#x([\da-f]{1,5})|#(\d{1,6})|([a-z]{2,4}));/gi,
    (entity, hex?: string, decimal?: string, name = "") => {
      const code = hex ? parseInt(hex, 16) : Number(decimal);
      return Number.isNaN(code)
        ? ENTITIES[name.toLowerCase()] ?? entity
        : String.fromCodePoint(code);
    },
  );
  for (let times = 0; times < 3; times++) {
    plain = plain.replace(/(?:%[\da-f]{2})+/gi, decodeEscapes);
  }
  return plain;
}

/**
 * What a link carries behind its `#`, as it was before chats and mailers passed it
 * on. `link` is a whole link, or its fragment. Taken off, or undone, are
 *
 * - the link before the `#`, brackets and quotes around it, and whatever stands behind
 *   it and is no letter, digit, `-` or `_`: `.`, `)`, `,`, `>`, `”`;
 * - what begins with `&`, `?`, `|`, a quote, `<`, `>` or `:~:`: parameters for tracking,
 *   a second address, a place in the text;
 * - breaks of lines with the marks of quoted mail, spaces, and what has no width;
 * - quoted-printable (`=` before a break, `=2E`), `&amp;` and `&#46;`, `%2E` and `%252E`,
 *   `<wbr>`, and dashes that stand for hyphens.
 *
 * What is left may still be no link: `decodeShareLink`, which begins with this, says so.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cleanLinkText } from "./clean_link_text.ts";
 *
 * assertEquals(cleanLinkText("(see https://example.org/#1yAJ-_8=\r\n> A%2EAA)."), "1yAJ-_8A.AA");
 * assertEquals(cleanLinkText("#1yAJ&amp;utm_source=mail"), "1yAJ");
 * assertEquals(cleanLinkText("#main"), "main");
 * ```
 */
export function cleanLinkText(link: string): string {
  const plain = unescapeText(link)
    .replace(/<\/?[a-z]+ ?\/?>/gi, "")
    // A soft break, then the marks before a line of quoted mail.
    .replace(/=?[\r\n]+[>|\s]*/g, "")
    .replace(/[\p{C}\p{Z}]+/gu, "")
    .replace(/[\u2010\u2011\u2212]/g, "-")
    .replace(/[\u2013\u2014]/g, "--");
  // A model's text begins with 1y or 1z: a # before that may be a sentence's.
  const model = /#(?=1[yz])/.exec(plain)?.index ?? plain.indexOf("#");
  const [fragment] = plain.slice(model + 1)
    .replace(/^[^\w]+(?=1[yz])/, "")
    .split(/[&?|"<>]|:~:/);
  const text = fragment.replace(
    /=(23|2D|2E|3D|5F)/gi,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  ).replaceAll("=", "");
  // By hand: a regular expression would begin anew at each of a million brackets.
  let end = text.length;
  while (end > 0 && !/[\w-]/.test(text[end - 1])) end--;
  return text.slice(0, end);
}

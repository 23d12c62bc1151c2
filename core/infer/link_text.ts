/**
 * `bytes` as base64url (RFC 4648, section 5) without padding: text for a link,
 * 4 characters for 3 bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeLinkText } from "./link_text.ts";
 *
 * assertEquals(encodeLinkText(Uint8Array.of(251, 255, 0)), "-_8A");
 * ```
 */
export function encodeLinkText(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * The bytes of base64url text: of a whole link, what follows its last `#`. Throws a
 * `SyntaxError` where a character is no base64url, or the text's length none of its.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeLinkText } from "./link_text.ts";
 *
 * assertEquals(decodeLinkText("https://example.org/try#-_8A"), Uint8Array.of(251, 255, 0));
 * ```
 */
export function decodeLinkText(link: string): Uint8Array<ArrayBuffer> {
  const text = link.slice(link.lastIndexOf("#") + 1).trim();
  const wrong = /[^A-Za-z0-9_-]/u.exec(text);
  if (wrong) {
    throw new SyntaxError(
      `Cannot read link text: it must hold letters, digits, - and _: it holds ${
        JSON.stringify(wrong[0])
      }`,
    );
  }
  if (text.length % 4 === 1) {
    throw new SyntaxError(
      `Cannot read link text: its length must not be 1 more than a multiple of 4: it has ${text.length} characters`,
    );
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

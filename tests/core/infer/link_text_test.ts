import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  decodeLinkText,
  encodeLinkText,
} from "../../../core/infer/link_text.ts";
import { fc } from "../../seeded_check.ts";

Deno.test("link text is Node's base64url, and comes back as the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const text = encodeLinkText(bytes);
      assertEquals(text, Buffer.from(bytes).toString("base64url"));
      assertMatch(text, /^[\w-]*$/);
      assertEquals(decodeLinkText(text), Uint8Array.from(bytes));
      assertEquals(
        decodeLinkText(` https://example.org/#${text}\n`),
        Uint8Array.from(bytes),
      );
    }),
  );
});

Deno.test("link text of other characters, or cut within a byte, is refused", () => {
  assertThrows(() => decodeLinkText("ab+c"), SyntaxError, 'it holds "+"');
  assertThrows(() => decodeLinkText("abc="), SyntaxError, 'it holds "="');
  assertThrows(() => decodeLinkText("abcde"), SyntaxError, "5 characters");
});

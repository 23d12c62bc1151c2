import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cleanText } from "../../../core/text/clean_text.ts";

Deno.test("what a terminal would obey is written out", () => {
  const cases = {
    "\x1b]0;owned\x07": "\\u{1b}]0;owned\\u{7}",
    "two\nlines\r\tand a tab": "two\\u{a}lines\\u{d}\\u{9}and a tab",
    "\u009b2J": "\\u{9b}2J",
    "abc\u202egpj.exe": "abc\\u{202e}gpj.exe",
    "\u2066isolated\u2069": "\\u{2066}isolated\\u{2069}",
    "zero\u200bwidth\ufeff": "zero\\u{200b}width\\u{feff}",
    "line\u2028separator": "line\\u{2028}separator",
    "half \ud800 pair": "half \\u{d800} pair",
    "tag \u{e0041}": "tag \\u{e0041}",
  };
  for (const [text, clean] of Object.entries(cases)) {
    assertEquals(cleanText(text), clean);
  }
});

Deno.test("letters of every script, spaces and emoji stay", () => {
  for (const text of ["größe 7", "七 (seven)", "שלום", "ā̈", "🦊 — 1,192 B"]) {
    assertEquals(cleanText(text), text);
  }
});

Deno.test("what is too long is cut between characters", () => {
  assertEquals(cleanText("🦊".repeat(300), { length: 4 }), "🦊🦊🦊…");
  assertEquals([...cleanText("x".repeat(10_000_000))].length, 200);
  assertEquals(cleanText("x".repeat(200)), "x".repeat(200));
});

Deno.test("any text becomes clean and short, and stays so", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.integer({ min: 1, max: 60 }),
    (text, length) => {
      const clean = cleanText(text, { length });
      assert([...clean].length <= length);
      assert(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(clean));
      assertEquals(cleanText(clean, { length }), clean);
    },
  ));
});

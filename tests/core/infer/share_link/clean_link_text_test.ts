import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeLinkText } from "../../../../core/infer/link_text.ts";
import { cleanLinkText } from "../../../../core/infer/share_link/clean_link_text.ts";
import { decodeShareLink } from "../../../../core/infer/share_link/decode_share_link.ts";
import { encodeShareLink } from "../../../../core/infer/share_link/encode_share_link.ts";
import { fc } from "../../../seeded_check.ts";
import { smallDram } from "../small_model.ts";

const dram = smallDram();
const model = encodeLinkText(dram);
const strokes = [{ points: [{ x: 14, y: 4 }, { x: 13.5, y: 24 }] }];
const DRAWN = { dram, drawing: { strokes, image: null } };
const UNDRAWN = { dram, drawing: { strokes: [], image: null } };
const drawn = encodeShareLink(DRAWN);

/** `text` with `between` put in after every 76 characters. */
function wrap(text: string, between: string): string {
  return text.match(/.{1,76}/g)?.join(between) ?? "";
}

/** What programs that pass links on make of the link `https://example.org/#…`. */
const CHANGES: [string, (text: string) => string][] = [
  ["a dot behind it", (text) => `https://example.org/#${text}.`],
  ["brackets", (text) => `(https://example.org/#${text})`],
  ["a comma", (text) => `#${text},`],
  ["angle brackets", (text) => `<https://example.org/#${text}>`],
  ["angle brackets, of the text alone", (text) => `<${text}>.`],
  ["a bracket of angles behind it", (text) => `#${text}>`],
  ["an escaped bracket", (text) => `#${text}%3E`],
  ["quotes", (text) => `"https://example.org/#${text}"`],
  ["quotes of print", (text) => `“https://example.org/#${text}”`],
  ["escaped quotes of print", (text) => `#${text}%E2%80%9D.`],
  ["guillemets, dots of print", (text) => `« https://example.org/#${text} »…`],
  ["Markdown", (text) => `[digits](https://example.org/#${text})`],
  [
    "an attribute",
    (text) => `<a href="https://example.org/#${text}">digits</a>`,
  ],
  ["a chat's link", (text) => `<https://example.org/#${text}|example.org>`],
  ["a number before it", (text) => `issue #12: https://example.org/#${text}`],
  ["a number sign behind it", (text) => `https://example.org/#${text}#`],
  ["breaks of lines", (text) => `https://example.org/#${wrap(text, "\r\n")}\n`],
  ["quoted mail", (text) => `> https://example.org/#${wrap(text, "\n> > ")}`],
  ["spaces for breaks", (text) => `#${wrap(text, "%20")}`],
  ["soft breaks", (text) => `https://example.org/#${wrap(text, "=\r\n")}`],
  ["soft breaks without their breaks", (text) => `#${wrap(text, "=")}`],
  [
    "quoted-printable",
    (text) =>
      `https://example.org/?a=3Db#${
        wrap(text.replaceAll(".", "=2E").replaceAll("_", "=5f"), "=\n")
      }`,
  ],
  ["&amp; before parameters", (text) => `#${text}&amp;utm_source=mail`],
  ["parameters", (text) => `#${text}&fbclid=IwAR0_x-y&utm_medium=social`],
  ["a query", (text) => `https://example.org/#${text}?utm_source=mail.`],
  ["a place in the text", (text) => `#${text}:~:text=digits`],
  [
    "numbers of HTML",
    (text) => `#${text.replaceAll(".", "&#46;").replaceAll("-", "&#x2D;")}&gt;`,
  ],
  ["escapes", (text) => `#${text.replaceAll(".", "%2E")}`],
  [
    "escapes of all",
    (text) =>
      `#${text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)}`,
  ],
  [
    "escapes of escapes",
    (text) =>
      `#${
        text.replace(
          /[._-]/g,
          (each) => `%25${each.charCodeAt(0).toString(16)}`,
        )
      }`,
  ],
  [
    "a mailer's detour",
    (text) =>
      `https://safe.example.org/?url=${
        encodeURIComponent(`https://example.org/#${text}`)
      }&data=05%7C02&reserved=0`,
  ],
  [
    "characters without width",
    (text) => `#\u200b${wrap(text, "\u200b\u00ad")}\ufeff`,
  ],
  [
    "escaped characters without width",
    (text) => `#${wrap(text, "%E2%80%8B")}%EF%BB%BF`,
  ],
  ["named characters without width", (text) => `#${wrap(text, "&shy;&zwnj;")}`],
  ["<wbr>", (text) => `#${wrap(text, "<wbr>")}<br />`],
  [
    "dashes",
    (text) => `#${text.replaceAll("--", "—").replaceAll("-", "\u2011")}`,
  ],
  ["an unknown name of HTML", (text) => `#${text}&foo;`],
];
for (const [what, change] of CHANGES) {
  Deno.test(`a link survives ${what}`, () => {
    assertEquals(decodeShareLink(change(drawn)), DRAWN);
    assertEquals(decodeShareLink(change(model)), UNDRAWN);
  });
}

Deno.test("a clean link stays as it is, a cleaned one too", () => {
  const text = fc.stringMatching(/^1[yz][\w-]{0,60}(\.[\w-]{1,60})?$/);
  fc.assert(fc.property(text, (text) => {
    assertEquals(cleanLinkText(text), text);
    assertEquals(cleanLinkText(`https://example.org/#${text}`), text);
  }));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert(/^$|[\w-]$/.test(cleanLinkText(text)));
  }));
});

Deno.test("two of them need no more than any one of them", () => {
  const change = fc.constantFrom(
    ...CHANGES.slice(0, 9).map(([, each]) => each),
  );
  fc.assert(fc.property(change, change, (one, other) => {
    assertEquals(decodeShareLink(one(other(drawn))), DRAWN);
  }));
});

Deno.test("what is changed within a link is refused as before", () => {
  for (const wrong of ["(", "é", "*", "#", "%FF", "%"]) {
    assertThrows(
      () => decodeShareLink(`#${model.slice(0, 30)}${wrong}${model.slice(30)}`),
      SyntaxError,
      "This link does not hold a whole model: it must hold letters",
    );
  }
});

Deno.test("a link of more than its characters may be escaped to isn't cleaned", () => {
  assertThrows(
    () => decodeShareLink(")".repeat(2 ** 23 + 1)),
    RangeError,
    "This link is too long: it must have at most 1048576 characters",
  );
});

Deno.test("millions of brackets, escapes and breaks are cleaned in a moment", () => {
  const parts = [
    ")",
    "%25",
    "=\n",
    "&amp",
    "<a",
    "#",
    "> ",
    "%FF",
    "%E2",
    "&#1",
  ];
  for (const part of parts) {
    const text = `#1y${part.repeat(2 ** 20 / part.length)}`;
    const start = performance.now();
    cleanLinkText(text);
    cleanLinkText(`${text}A`);
    assert(performance.now() - start < 5000, part);
  }
});

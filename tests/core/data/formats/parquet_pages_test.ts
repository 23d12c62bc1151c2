import { assertEquals, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import {
  type ColumnChunk,
  readColumn,
} from "../../../../core/data/formats/parquet_pages.ts";

type Fields = Record<string, unknown>;

/** Pages one after another: a column's bytes, and what gives their headers in order. */
function columnOf(
  pages: [Fields, number[]][],
  chunk: Partial<ColumnChunk> = {},
) {
  const bytes = Uint8Array.from(pages.flatMap(([, bytes]) => bytes));
  const headers = pages.map(([fields, bytes]) => ({
    field_2: bytes.length,
    field_3: bytes.length,
    ...fields,
  }));
  let next = 0;
  return readColumn({
    ...{ bytes, codec: "UNCOMPRESSED", type: "INT32", levels: 0, rows: 4 },
    ...chunk,
  }, () => headers[next++]);
}

const data = (count: number, encoding: number) => ({
  field_1: 0,
  field_5: { field_1: count, field_2: encoding },
});
const dictionary = (count: number) => ({
  field_1: 2,
  field_7: { field_1: count },
});
const words = (...values: number[]) => values.flatMap((v) => [v, 0, 0, 0]);

Deno.test("pages of the first version, as pyarrow writes them: a dictionary, runs, missing values", () => {
  const values = columnOf([
    [dictionary(2), words(70, 80)],
    // Levels: 4 bytes of length, a packed run of 8: 1, 0, 1, 1. Then places of 1 bit.
    [data(4, 8), [...words(2), 3, 0b1101, 1, 3, 0b101]],
  ], { levels: 1 });
  assertEquals(values, [80, undefined, 70, 80]);
});

Deno.test("runs that repeat, of a width of two bytes", () => {
  const many = Array.from({ length: 300 }, (_, i) => i);
  const values = columnOf([
    [dictionary(300), words(...many.map((i) => i & 255))],
    [data(3, 2), [9, 6, 0x2b, 0x01]],
    [data(1, 0), words(5)],
  ]);
  assertEquals(values, [299 & 255, 299 & 255, 299 & 255, 5]);
});

Deno.test("pages packed by Snappy and gzip", () => {
  const plain = words(7, 7, 7, 7);
  // Length 16, a literal of 4, a copy of 12 from 4 back.
  const snappy = [16, 3 << 2, 7, 0, 0, 0, (11 << 2) | 2, 4, 0];
  for (
    const [codec, packed] of [
      ["SNAPPY", snappy],
      ["GZIP", [...gzipSync(Uint8Array.from(plain))]],
    ] as const
  ) {
    const page: [Fields, number[]] = [
      { ...data(4, 0), field_2: 16 },
      [...packed],
    ];
    assertEquals(columnOf([page], { codec }), [7, 7, 7, 7]);
  }
});

for (
  const [what, pages, chunk, message] of [
    [
      "places in no dictionary",
      [[data(4, 8), [1, 0, 0]]],
      {},
      "their encoding is 8",
    ],
    [
      "an empty run",
      [[dictionary(1), words(1)], [data(4, 8), [1, 0, 0]]],
      {},
      "must not be empty",
    ],
    [
      "more values than rows",
      [[data(5, 0), words(1, 2, 3, 4, 5)]],
      {},
      "it has more",
    ],
    ["fewer rows", [[data(3, 0), words(1, 2, 3)]], {}, "must have 4 rows: 3"],
    ["a bomb", [[{ ...data(4, 0), field_2: 2 ** 30 }, [1]]], {
      codec: "SNAPPY",
    }, "may unpack to at most 67108864"],
    [
      "a copy from before the page",
      [[{ ...data(4, 0), field_2: 16 }, [16, 2, 9, 0]]],
      { codec: "SNAPPY" },
      "copies must lie within",
    ],
    [
      "a long literal",
      [[{ ...data(4, 0), field_2: 16 }, [16, 63 << 2, 255, 255, 255, 255]]],
      { codec: "SNAPPY" },
      "literals must lie within",
    ],
    ["a value beyond its page", [[data(4, 0), words(9)]], {
      type: "BYTE_ARRAY",
      rows: 4,
    }, "within its page"],
    ["another codec", [[data(4, 0), words(1)]], { codec: "LZO" }, "found LZO"],
    [
      "another type",
      [[data(4, 0), words(1)]],
      { type: "DOUBLE" },
      "found DOUBLE",
    ],
  ] as [string, [Fields, number[]][], Partial<ColumnChunk>, string][]
) {
  Deno.test(`readColumn refuses ${what}`, () => {
    assertThrows(() => columnOf(pages, chunk), SyntaxError, message);
  });
}

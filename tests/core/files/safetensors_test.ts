import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "../../seeded_check.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
  type SafeTensors,
} from "../../../core/files/safetensors.ts";

const float32 = fc.float({ noNaN: false });

const array: fc.Arbitrary<FloatArray> = fc.array(fc.nat(4), { maxLength: 4 })
  .chain((shape) => {
    const size = shape.reduce((total, extent) => total * extent, 1);
    return fc.array(float32, { minLength: size, maxLength: size })
      .map((values) => ({ shape, values: Float32Array.from(values) }));
  });

// Names that are troublesome as keys of objects come up often, not by luck.
const name = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("__proto__", "constructor", "10", "2", "ä/é", ""),
).filter((text) => text !== "__metadata__");

const file: fc.Arbitrary<SafeTensors> = fc.record({
  tensors: fc.uniqueArray(fc.tuple(name, array), { selector: ([key]) => key })
    .map((entries) => new Map(entries)),
  metadata: fc.dictionary(name, fc.string()),
});

/** A safetensors file with this header, and `payload` zero bytes behind it. */
function withHeader(header: string, payload = 0): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + payload);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

Deno.test("decodeSafeTensors gives back what encodeSafeTensors was given", () => {
  fc.assert(fc.property(file, (content) => {
    const decoded = decodeSafeTensors(encodeSafeTensors(content), "file", {
      finite: false,
    });
    assertEquals(decoded.tensors, content.tensors);
    assertEquals(
      new Map(Object.entries(decoded.metadata)),
      new Map(Object.entries(content.metadata)),
    );
  }));
});

Deno.test("decodeSafeTensors reads a file in the middle of a larger buffer", () => {
  const tensors = new Map([["w", {
    shape: [2],
    values: Float32Array.of(1, -2),
  }]]);
  const bytes = encodeSafeTensors({ tensors, metadata: {} });
  const buffer = new Uint8Array(bytes.length + 8);
  buffer.set(bytes, 3);
  const inside = buffer.subarray(3, 3 + bytes.length);
  assertEquals(decodeSafeTensors(inside, "file").tensors, tensors);
});

Deno.test("decodeSafeTensors reads a file as another writer lays it out", () => {
  // Header in another order than the values, unpadded, without metadata.
  const header =
    '{"b":{"data_offsets":[4,12],"shape":[1,2],"dtype":"F32"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}';
  const { tensors, metadata } = decodeSafeTensors(withHeader(header, 12), "x");
  assertEquals([...tensors.keys()], ["a", "b"]);
  assertEquals(tensors.get("b"), {
    shape: [1, 2],
    values: Float32Array.of(0, 0),
  });
  assertEquals(metadata, {});
});

Deno.test("encodeSafeTensors aligns values to eight bytes", () => {
  for (const key of ["a", "ab", "abc", "ä"]) {
    const tensors = new Map([[key, {
      shape: [0],
      values: new Float32Array(),
    }]]);
    assertEquals(encodeSafeTensors({ tensors, metadata: {} }).length % 8, 0);
  }
});

Deno.test("encodeSafeTensors refuses the name that the format keeps to itself", () => {
  const tensors = new Map([
    ["__metadata__", { shape: [1], values: Float32Array.of(1) }],
  ]);
  assertThrows(() => encodeSafeTensors({ tensors, metadata: {} }), RangeError);
});

/** Runs `decode`, and lets only a `SyntaxError` pass. */
function assertReadsOrRefuses(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    decodeSafeTensors(bytes, "file");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

Deno.test("decodeSafeTensors throws nothing but a SyntaxError on mutated bytes", () => {
  const mutation = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(
      file,
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (content, mutations) => {
        const bytes = encodeSafeTensors(content);
        for (const [at, value] of mutations) bytes[at % bytes.length] = value;
        assertReadsOrRefuses(bytes);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("decodeSafeTensors throws nothing but a SyntaxError on any JSON header", () => {
  const entry = fc.record({
    dtype: fc.constantFrom("F32", "F16", 3),
    shape: fc.oneof(fc.array(fc.maxSafeInteger()), fc.jsonValue()),
    data_offsets: fc.oneof(fc.array(fc.maxSafeInteger()), fc.jsonValue()),
  }, { requiredKeys: [] });
  const header = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), entry));
  fc.assert(fc.property(header, fc.nat(64), (value, payload) => {
    assertReadsOrRefuses(withHeader(JSON.stringify(value), payload));
  }));
});

Deno.test("decodeSafeTensors refuses every truncation and every added byte", () => {
  const tensors = new Map([["w", {
    shape: [2],
    values: Float32Array.of(1, 2),
  }]]);
  const bytes = encodeSafeTensors({ tensors, metadata: { step: "3" } });
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(
      () => decodeSafeTensors(bytes.slice(0, length), "cut"),
      SyntaxError,
      "Cannot read cut as safetensors",
    );
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  assertThrows(
    () => decodeSafeTensors(longer, "file"),
    SyntaxError,
    "1 bytes follow the last tensor",
  );
});

const tensor = (fields: string) => `{"w":{${fields}}}`;

const REFUSED: [string, Uint8Array<ArrayBuffer>, string][] = [
  [
    "a header length of 2⁶⁴ − 1",
    new Uint8Array(16).fill(255),
    "must fit the file",
  ],
  ["a header that is no JSON", withHeader("{"), "JSON object"],
  ["a header that is an array", withHeader("[]"), "JSON object"],
  [
    "a header that starts with a byte order mark",
    withHeader("\ufeff{}"),
    "JSON object",
  ],
  ["metadata that is no text", withHeader('{"__metadata__":{"a":1}}'), "text"],
  ["metadata that is a list", withHeader('{"__metadata__":[]}'), "object"],
  [
    "another type",
    withHeader(tensor('"dtype":"F64","shape":[1],"data_offsets":[0,8]'), 8),
    "F32",
  ],
  [
    "a gap before a tensor",
    withHeader(tensor('"dtype":"F32","shape":[1],"data_offsets":[4,8]'), 8),
    "follow the one before",
  ],
  [
    "a shape that doesn't fill its bytes",
    withHeader(tensor('"dtype":"F32","shape":[3],"data_offsets":[0,8]'), 8),
    "fill its shape",
  ],
  [
    "a negative extent",
    withHeader(tensor('"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]'), 8),
    "must have a shape",
  ],
  [
    "a shape of 16 TB",
    withHeader(
      tensor(
        '"dtype":"F32","shape":[4294967296,1024],"data_offsets":[0,17592186044416]',
      ),
      8,
    ),
    "cut off",
  ],
  [
    "tensors that overlap",
    withHeader(
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
    ),
    "follow the one before",
  ],
];

for (const [what, bytes, message] of REFUSED) {
  Deno.test(`decodeSafeTensors refuses ${what}`, () => {
    assertThrows(
      () => decodeSafeTensors(bytes, "file"),
      SyntaxError,
      message,
    );
  });
}

for (const odd of [NaN, Infinity, -Infinity]) {
  Deno.test(`decodeSafeTensors refuses ${odd} by its tensor's name, unless told`, () => {
    const tensors = new Map([
      ["fine", { shape: [1], values: Float32Array.of(1) }],
      ["odd", { shape: [3], values: Float32Array.of(1, 2, odd) }],
    ]);
    const bytes = encodeSafeTensors({ tensors, metadata: {} });
    assertThrows(
      () => decodeSafeTensors(bytes, "file"),
      SyntaxError,
      `every weight must be finite: number 2 of odd is ${odd}`,
    );
    const { tensors: read } = decodeSafeTensors(bytes, "file", {
      finite: false,
    });
    assertEquals(read, tensors);
  });
}

import { assert, assertEquals, assertRejects } from "@std/assert";
import { readIdx } from "../../../../core/data/formats/idx.ts";
import { fc } from "../../../seeded_check.ts";
import { idxBytes, inChunks } from "./idx_bytes.ts";

function read(bytes: Uint8Array<ArrayBuffer>, chunk = 65_536) {
  return readIdx(inChunks(bytes, chunk), "digits");
}

const content = fc.array(fc.integer({ min: 1, max: 5 }), {
  minLength: 1,
  maxLength: 4,
}).chain((dimensions) => {
  const size = dimensions.reduce((total, extent) => total * extent, 1);
  return fc.record({
    dimensions: fc.constant(dimensions),
    values: fc.uint8Array({ minLength: size, maxLength: size }),
  });
});

Deno.test("readIdx gives back dimensions and values however the bytes arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      content,
      fc.integer({ min: 1, max: 64 }),
      async ({ dimensions, values }, chunk) => {
        const array = await read(idxBytes(dimensions, values), chunk);
        assertEquals(array.dimensions, dimensions);
        assertEquals([...array.values], [...values]);
      },
    ),
  );
});

Deno.test("readIdx throws nothing but a SyntaxError on mutated bytes", async () => {
  await fc.assert(
    fc.asyncProperty(
      content,
      fc.nat(),
      fc.nat(255),
      async ({ dimensions, values }, at, value) => {
        const bytes = idxBytes(dimensions, values);
        bytes[at % bytes.length] = value;
        try {
          await read(bytes);
        } catch (error) {
          assert(error instanceof SyntaxError, String(error));
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("readIdx refuses every truncation", async () => {
  const bytes = idxBytes([2, 3], [1, 2, 3, 4, 5, 6]);
  for (let length = 0; length < bytes.length; length++) {
    await assertRejects(
      () => read(bytes.slice(0, length)),
      SyntaxError,
      `it ends after ${length < 12 ? length : length - 12}`,
    );
  }
});

const LARGEST = 2 ** 32 - 1;
const REFUSED: [string, Uint8Array<ArrayBuffer>, string][] = [
  [
    "a trailing byte",
    idxBytes([2], [1, 2, 3]),
    "must end after 2 values",
  ],
  [
    "a PNG",
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
    "two zero bytes: found 137, 80",
  ],
  [
    "values of another type",
    Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0),
    "unsigned bytes (8): found 13",
  ],
  ["no dimension", Uint8Array.of(0, 0, 8, 0), "found 0"],
  ["five dimensions", idxBytes([1, 1, 1, 1, 1], [1]), "found 5"],
  ["a dimension of 0", idxBytes([0, 28, 28], []), "it declares 0 × 28 × 28"],
  [
    "dimensions of 2³² − 1",
    idxBytes([LARGEST, LARGEST, LARGEST], [1]),
    "it declares 4294967295 × 4294967295 × 4294967295",
  ],
  [
    "dimensions whose product only just passes the limit",
    idxBytes([2 ** 16, 2 ** 14 + 1], [1]),
    "must declare 1 to 1073741824 values",
  ],
];

for (const [what, bytes, message] of REFUSED) {
  Deno.test(`readIdx refuses ${what}`, async () => {
    await assertRejects(() => read(bytes), SyntaxError, message);
    await assertRejects(() => read(bytes, 1), SyntaxError, message);
  });
}

Deno.test("readIdx allocates no more than was read, whatever the header declares", async () => {
  const before = Deno.memoryUsage().external;
  let external = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      controller.enqueue(idxBytes([2 ** 30], [1]));
      external = Deno.memoryUsage().external;
      controller.close();
    },
  });
  await assertRejects(
    () => readIdx(stream, "digits"),
    SyntaxError,
    "it ends after 1",
  );
  external = Math.max(external, Deno.memoryUsage().external);
  assert(external - before < 2 ** 26, `${external - before} bytes`);
});

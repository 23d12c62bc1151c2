import { assertEquals, assertThrows } from "@std/assert";
import {
  bytesPerValue,
  FeatureFile,
  type Precision,
  writeFeatureRows,
} from "../../../core/distill/feature_file.ts";
import { randomStream } from "../../../core/random/stream.ts";

const ROWS = 7;

/** `ROWS` rows of numbers of every size, the same for equal widths. */
function someRows(width: number): Float32Array<ArrayBuffer> {
  const random = randomStream(width, "feature file");
  return Float32Array.from(
    { length: ROWS * width },
    () => (random.uniform() - 0.5) * 10 ** (6 * random.uniform() - 3),
  );
}

/** A file of `someRows`, written in two parts, the later rows first. */
async function writeRows(precision: Precision, width: number): Promise<string> {
  const path = await Deno.makeTempFile();
  const values = someRows(width);
  using file = await Deno.open(path, { write: true });
  for (const [start, end] of [[3, ROWS], [0, 3]]) {
    const part = values.slice(start * width, end * width);
    writeFeatureRows(file, precision, { start, width, values: part });
  }
  return path;
}

/** What `precision` keeps of `value`. */
function kept(precision: Precision, value: number): number {
  return precision === "float16" ? Math.f16round(value) : value;
}

for (const precision of ["float16", "float32"] as const) {
  for (const width of [1, 2, 3, 81, 9216]) {
    Deno.test(`FeatureFile gives back rows of ${width} as ${precision}, in any order`, async () => {
      const path = await writeRows(precision, width);
      const { size } = await Deno.stat(path);
      assertEquals(size, ROWS * width * bytesPerValue(precision));
      const all = someRows(width).map((value) => kept(precision, value));
      const indices = [6, 0, 3, 3, 2];
      const expected = indices.flatMap((row) => [
        ...all.subarray(row * width, (row + 1) * width),
      ]);
      using file = new FeatureFile(path, precision, width);
      assertEquals(file.read(indices), Float32Array.from(expected));
      await Deno.remove(path);
    });
  }
}

Deno.test("FeatureFile multiplies by the mask", async () => {
  const path = await writeRows("float32", 3);
  const mask = Float32Array.of(0, 1, 2, 1.25, 0, 0);
  const rows = someRows(3);
  const expected = [...rows.subarray(12, 15), ...rows.subarray(3, 6)];
  using file = new FeatureFile(path, "float32", 3);
  assertEquals(
    file.read([4, 1], mask),
    Float32Array.from(expected, (value, i) => value * mask[i]),
  );
  await Deno.remove(path);
});

Deno.test("FeatureFile, held in memory, reads what it reads from the disk", async () => {
  const path = await writeRows("float16", 5);
  const bytes = await Deno.readFile(path);
  const resident = new SharedArrayBuffer(bytes.length);
  new Uint8Array(resident).set(bytes);
  using onDisk = new FeatureFile(path, "float16", 5);
  using inMemory = new FeatureFile(path, "float16", 5, resident);
  assertEquals(inMemory.read([6, 1]), onDisk.read([6, 1]));
  await Deno.remove(path);
});

for (const precision of ["float16", "float32"] as const) {
  Deno.test(`FeatureFile says so where a ${precision} file ends too early`, async () => {
    const path = await writeRows(precision, 3);
    const { size } = await Deno.stat(path);
    await Deno.truncate(path, size - 1);
    using file = new FeatureFile(path, precision, 3);
    file.read([ROWS - 2]);
    assertThrows(
      () => file.read([0, ROWS - 1]),
      SyntaxError,
      `it must hold row ${ROWS - 1}: it ends before`,
    );
    await Deno.remove(path);
  });
}

Deno.test("FeatureFile says so where there is no file", () => {
  assertThrows(
    () => new FeatureFile("/no/such/file", "float32", 3),
    Deno.errors.NotFound,
  );
});

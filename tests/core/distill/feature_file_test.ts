import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  bytesPerValue,
  FeatureFile,
  type Precision,
  readCheckedRows,
  type StoredRows,
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
async function writeRows(
  precision: Precision,
  width: number,
): Promise<StoredRows> {
  const path = await Deno.makeTempFile();
  const values = someRows(width);
  const checksums = new Uint32Array(ROWS);
  using file = await Deno.open(path, { write: true });
  for (const [start, end] of [[3, ROWS], [0, 3]]) {
    const part = values.slice(start * width, end * width);
    const rows = { start, width, values: part };
    checksums.set(writeFeatureRows(file, precision, rows), start);
  }
  return { path, precision, checksums };
}

/** What `precision` keeps of `value`. */
function kept(precision: Precision, value: number): number {
  return precision === "float16" ? Math.f16round(value) : value;
}

for (const precision of ["float16", "float32"] as const) {
  for (const width of [1, 2, 3, 81, 9216]) {
    Deno.test(`FeatureFile gives back rows of ${width} as ${precision}, in any order`, async () => {
      const rows = await writeRows(precision, width);
      const { path } = rows;
      const { size } = await Deno.stat(path);
      assertEquals(size, ROWS * width * bytesPerValue(precision));
      const all = someRows(width).map((value) => kept(precision, value));
      const indices = [6, 0, 3, 3, 2];
      const expected = indices.flatMap((row) => [
        ...all.subarray(row * width, (row + 1) * width),
      ]);
      using file = new FeatureFile(rows, width);
      assertEquals(file.read(indices), Float32Array.from(expected));
      await Deno.remove(path);
    });
  }
}

Deno.test("FeatureFile multiplies by the mask", async () => {
  const rows = await writeRows("float32", 3);
  const { path } = rows;
  const mask = Float32Array.of(0, 1, 2, 1.25, 0, 0);
  const values = someRows(3);
  const expected = [...values.subarray(12, 15), ...values.subarray(3, 6)];
  using file = new FeatureFile(rows, 3);
  assertEquals(
    file.read([4, 1], mask),
    Float32Array.from(expected, (value, i) => value * mask[i]),
  );
  await Deno.remove(path);
});

Deno.test("FeatureFile, held in memory, reads what it reads from the disk", async () => {
  const rows = await writeRows("float16", 5);
  const { path } = rows;
  const bytes = await Deno.readFile(path);
  const resident = new SharedArrayBuffer(bytes.length);
  new Uint8Array(resident).set(bytes);
  using onDisk = new FeatureFile(rows, 5);
  using inMemory = new FeatureFile({ ...rows, resident }, 5);
  assertEquals(inMemory.read([6, 1]), onDisk.read([6, 1]));
  await Deno.remove(path);
});

for (const precision of ["float16", "float32"] as const) {
  Deno.test(`FeatureFile says so where a ${precision} file ends too early`, async () => {
    const rows = await writeRows(precision, 3);
    const { path } = rows;
    const { size } = await Deno.stat(path);
    await Deno.truncate(path, size - 1);
    using file = new FeatureFile(rows, 3);
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
    () =>
      new FeatureFile({
        path: "/no/such/file",
        precision: "float32",
        checksums: new Uint32Array(1),
      }, 3),
    Deno.errors.NotFound,
  );
});

/** Every row, as `FeatureFile` reads them. */
function readAll(rows: StoredRows, width: number): Float32Array {
  using file = new FeatureFile(rows, width);
  return file.read(Array.from({ length: ROWS }, (_, row) => row));
}

/** The same in order, two at a time, as bytes. */
async function streamAll(rows: StoredRows, width: number): Promise<void> {
  for await (const _ of readCheckedRows(rows, width, 2));
}

Deno.test("rows with any byte flipped are refused, read singly or in order", async () => {
  for (const precision of ["float16", "float32"] as const) {
    const rows = await writeRows(precision, 3);
    await streamAll(rows, 3);
    const whole = await Deno.readFile(rows.path);
    for (let place = 0; place < whole.length; place++) {
      const flipped = whole.slice();
      flipped[place] ^= 1 << place % 8;
      await Deno.writeFile(rows.path, flipped);
      const row = Math.floor(place / (whole.length / ROWS));
      const message = `row ${row} must be what was written`;
      assertThrows(() => readAll(rows, 3), SyntaxError, message);
      await assertRejects(() => streamAll(rows, 3), SyntaxError, message);
    }
    await Deno.remove(rows.path);
  }
});

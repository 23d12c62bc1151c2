import { assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import {
  packedMatMul,
  type PackedRows,
} from "../../../../core/kernels/packed_mat_mul/op.ts";
import {
  type DropoutRange,
  fillDropoutMask,
} from "../../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity } from "../../../parity.ts";
import { type Given, runOnWasm } from "../wasm/run_on_wasm.ts";

const KEY: [number, number] = [5, 0x80000000];

/** Rows of which about a third of the numbers differ from 0, and some rows none. */
function drawRows(rows: number, width: number): PackedRows {
  const random = randomStream(4, "rows", rows, width);
  const starts = new Int32Array(rows + 1);
  const entries: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      // A third of all halves: subnormal, negative, infinite and NaN ones too.
      const half = random.uint32() >>> 16;
      if (row % 5 !== 3 && half % 3 === 0) entries.push(column << 16 | half);
    }
    starts[row + 1] = entries.length;
  }
  return { width, starts, entries: Int32Array.from(entries) };
}

/** The entries that stay, row by row, as column and value. */
function reference(
  { width, starts, entries }: PackedRows,
  dropout?: DropoutRange,
) {
  const values = new Float32Array(
    new Float16Array(Uint16Array.from(entries).buffer),
  );
  const kept: [number, number][] = [];
  const ends = [0];
  for (let row = 0; row + 1 < starts.length; row++) {
    const mask = new Float32Array(width).fill(1);
    if (dropout) {
      const { rate, key, first } = dropout;
      fillDropoutMask(mask, rate, key, first + row * width);
    }
    for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
      const column = entries[entry] >>> 16;
      if (mask[column] === 0) continue;
      kept.push([column, Math.fround(values[entry] * mask[column])]);
    }
    ends.push(kept.length);
  }
  return { starts: Int32Array.from(ends), kept };
}

/** Entries of a kernel's output up to `count`, as column and value. */
function readEntries({ values }: Given, count: number): [number, number][] {
  const floats = new Float32Array(values.buffer, values.byteOffset);
  return Array.from({ length: count }, (_, entry) => [
    values[2 * entry],
    floats[2 * entry + 1],
  ]);
}

const SIZES = [[0, 7], [1, 1], [2, 3], [3, 5], [7, 17], [13, 1023]];

Deno.test("RetortUnpackSparse gives each entry's column and value, scaled where dropout keeps it", async () => {
  const ranges = [0, 0.25, 0.35, 0.5].flatMap((rate) =>
    [0, 1, 2 ** 33 - 5].map((first) => ({ rate, key: KEY, first }))
  );
  for (const [rows, width] of SIZES) {
    const matrix = drawRows(rows, width);
    const inputs = {
      starts: { shape: [rows + 1], values: matrix.starts },
      packed: { shape: [matrix.entries.length], values: matrix.entries },
    };
    for (const dropout of [undefined, ...ranges]) {
      const attributes: tf.NamedAttrMap = dropout
        ? { width, dropout }
        : { width };
      const [starts, entries] = await runOnWasm(
        "RetortUnpackSparse",
        inputs,
        attributes,
      );
      const wanted = reference(matrix, dropout);
      assertEquals(starts.values, wanted.starts);
      assertEquals(readEntries(entries, wanted.kept.length), wanted.kept);
    }
  }
});

Deno.test("RetortTransposeSparse exchanges rows and columns, and keeps their order", async () => {
  for (const [rows, columns] of SIZES) {
    const { starts, kept } = reference(drawRows(rows, columns));
    const values = new Int32Array(2 * kept.length);
    const floats = new Float32Array(values.buffer);
    const wanted: [number, number][][] = Array.from(
      { length: columns },
      () => [],
    );
    kept.forEach(([column, value], entry) => {
      values[2 * entry] = column;
      floats[2 * entry + 1] = value;
      const row = starts.findLastIndex((start) => start <= entry);
      wanted[column].push([row, value]);
    });
    const [newStarts, entries] = await runOnWasm("RetortTransposeSparse", {
      starts: { shape: [rows + 1], values: starts },
      entries: { shape: [kept.length, 2], values },
    }, { columns });
    let end = 0;
    const ends = wanted.map((column) => end += column.length);
    assertEquals([...newStarts.values], [0, ...ends]);
    assertEquals(readEntries(entries, end), wanted.flat());
  }
});

/** Small integers, so that sums in any order are exact. */
function drawFinite(rows: number, width: number): PackedRows {
  const { starts, entries } = drawRows(rows, width);
  const halves = new Uint16Array(
    Float16Array.from(entries, (entry) => (entry & 7) - 3.5).buffer,
  );
  return {
    width,
    starts,
    entries: entries.map((entry, i) => entry & 0xffff0000 | halves[i]),
  };
}

Deno.test("packedMatMul and its gradient on Wasm equal the dense product on the CPU backend", async () => {
  await useWasm();
  const dropouts = [undefined, { rate: 0.35, key: KEY, first: 3 }];
  await assertParity(
    [[1, 4], [2, 9], [9, 33], [33, 129]].flatMap(([rows, width]) =>
      [1, 3, 17].flatMap((units) =>
        dropouts.map((dropout) => ({
          name: `${rows}×${width}×${units}, dropout ${dropout?.rate}`,
          compute: ([b]: tf.Tensor[]) =>
            packedMatMul(drawFinite(rows, width), b, dropout),
          shapes: [[width, units]],
        }))
      )
    ),
  );
});

Deno.test("packedMatMul refuses a matrix with another number of rows", async () => {
  for (const use of [useWasm, useCpu]) {
    await use();
    const b = tf.zeros([3, 2]);
    assertThrows(
      () => packedMatMul(drawFinite(2, 4), b),
      RangeError,
      "4 columns",
    );
    b.dispose();
  }
});

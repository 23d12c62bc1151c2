import * as tf from "../../tf.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { columnSumKernel } from "./op.ts";

/**
 * Rows summed before their sum joins the total: they stay in the first cache.
 */
const BAND = 64;
/** Columns at a time. */
const WIDE = 16;

/**
 * Adds the band's sums of all whole groups of columns that are left to the
 * totals.
 */
function group(columns: 1 | 4 | 16): string {
  const vectors = [...new Array(Math.ceil(columns / 4)).keys()];
  const load = (pointer: string, vector: number) =>
    columns === 1
      ? `(v128.load32_zero (local.get ${pointer}))`
      : `(v128.load offset=${16 * vector} (local.get ${pointer}))`;
  const store = columns === 1 ? "v128.store32_lane" : "v128.store";
  const lane = columns === 1 ? "0" : "";
  const bytes = `(i32.const ${4 * columns})`;
  return `
    (block $none${columns} (loop $group${columns}
      (br_if $none${columns} (i32.lt_u (local.get $left) (i32.const ${columns})))
      (local.set $p (local.get $x))
      (local.set $row (local.get $band))
      ${
    vectors.map((v) => `(local.set $a${v} (v128.const f32x4 0 0 0 0))`).join("")
  }
      (loop $nextRow
        ${
    vectors.map((v) =>
      `(local.set $a${v} (f32x4.add (local.get $a${v}) ${load("$p", v)}))`
    ).join("")
  }
        (local.set $p (i32.add (local.get $p) (local.get $stride)))
        (br_if $nextRow (local.tee $row (i32.sub (local.get $row) (i32.const 1)))))
      ${
    vectors.map((v) =>
      `(${store} ${columns === 1 ? "" : `offset=${16 * v}`} ${lane}
        (local.get $total) (f32x4.add (local.get $a${v}) ${load("$total", v)}))`
    ).join("")
  }
      (local.set $x (i32.add (local.get $x) ${bytes}))
      (local.set $total (i32.add (local.get $total) ${bytes}))
      (local.set $left (i32.sub (local.get $left) (i32.const ${columns})))
      (br $group${columns})))`;
}

const WAT = `(module (import "env" "memory" (memory 1))
  (func $sumBand (param $x i32) (param $total i32) (param $band i32)
    (param $left i32) (param $stride i32)
    (local $p i32) (local $row i32)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    ${group(WIDE)} ${group(4)} ${group(1)})
  (func (export "columnSum") (param $x i32) (param $total i32)
    (param $rows i32) (param $columns i32)
    (local $band i32) (local $stride i32)
    (local.set $stride (i32.shl (local.get $columns) (i32.const 2)))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $band (select (local.get $rows) (i32.const ${BAND})
        (i32.lt_u (local.get $rows) (i32.const ${BAND}))))
      (call $sumBand (local.get $x) (local.get $total) (local.get $band)
        (local.get $columns) (local.get $stride))
      (local.set $x (i32.add (local.get $x)
        (i32.mul (local.get $band) (local.get $stride))))
      (local.set $rows (i32.sub (local.get $rows) (local.get $band)))
      (br $next)))))`;

/**
 * How many rows of `channels` to read as one, so that vectors are full even
 * where a row is shorter than one.
 */
function rowsAtOnce(channels: number): number {
  if (channels === 0 || channels >= 4 * WIDE) return 1;
  let rows = 1;
  while ((rows * channels) % WIDE !== 0) rows++;
  return rows;
}

/**
 * Kernel `RetortColumnSum`: Σ of x `[…, channels]` over all axes but the last,
 * `[channels]`, by bands of rows whose sums are then added: rounding grows with
 * their number, not the rows'.
 */
export const columnSum = implementOnWasm(columnSumKernel, (wasm, { x }) => {
  const channels = x.shape[x.shape.length - 1];
  const size = tf.util.sizeFromShape(x.shape);
  const width = rowsAtOnce(channels) * channels;
  const rows = width === 0 ? 0 : Math.floor(size / width);
  const sum = makeOutput(wasm, [channels], "float32");
  const partial = makeOutput(wasm, [width], "float32");
  wasm.typedArrayFromHeap(partial).fill(0);
  heapFunctions(wasm, "column_sum", WAT).columnSum(
    heapOffset(wasm, x),
    heapOffset(wasm, partial),
    rows,
    width,
  );
  const totals = new Float64Array(channels);
  const add = (values: ArrayLike<number>, start: number) => {
    for (let i = start; i < values.length; i++) {
      totals[i % channels] += values[i];
    }
  };
  add(wasm.typedArrayFromHeap(partial), 0);
  add(wasm.typedArrayFromHeap(x), rows * width);
  wasm.typedArrayFromHeap(sum).set(totals);
  wasm.disposeData(partial.dataId);
  return [sum];
});

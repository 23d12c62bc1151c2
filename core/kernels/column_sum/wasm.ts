import * as tf from "../../tf.ts";
import {
  advance,
  defineFunction,
  defineModule,
  exportFunction,
  type F32x4,
  f32x4,
  i32,
  named,
  type Pointer,
  repeatWhile,
  select,
  store,
  storeLane,
  until,
} from "../wasm/code.ts";
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

/** Adds to the totals the sums of a band of rows, columns 16, 4 and 1 at a time. */
function sumBand() {
  return defineFunction(
    "sumBand",
    named(i32, "x", "total", "band", "left", "stride"),
    ({ x, total, band, left, stride }, scope) => {
      const { p, row } = scope.locals({ p: i32, row: i32 });
      const sums = scope.array("a", WIDE / 4, f32x4);
      /** All whole groups of columns that are left. */
      const group = (columns: number) => {
        const own = sums.slice(0, Math.ceil(columns / 4));
        const load = (pointer: Pointer, vector: number) =>
          columns === 1
            ? f32x4.loadFirst(pointer)
            : f32x4.load(pointer, 16 * vector);
        const put = (value: F32x4, vector: number) =>
          columns === 1
            ? storeLane(total, value, 0)
            : store(total, value, 16 * vector);
        return until(left.ltU(columns), [
          p.set(x),
          row.set(band),
          own.map((sum) => sum.set(f32x4.const(0))),
          repeatWhile(row.tee(row.sub(1)), [
            own.map((sum, v) => sum.set(sum.add(load(p, v)))),
            p.set(p.add(stride)),
          ]),
          own.map((sum, v) => put(sum.add(load(total, v)), v)),
          advance(x, 4 * columns),
          advance(total, 4 * columns),
          left.set(left.sub(columns)),
        ]);
      };
      return [group(WIDE), group(4), group(1)];
    },
  );
}

const columnSumModule = defineModule("column_sum", () => {
  const band = sumBand();
  const columnSum = exportFunction(
    "columnSum",
    named(i32, "x", "total", "rows", "columns"),
    ({ x, total, rows, columns: left }, scope) => {
      const { height, stride } = scope.locals({ height: i32, stride: i32 });
      return [
        stride.set(left.shl(2)),
        until(rows.eqz(), [
          height.set(select(rows, BAND, rows.ltU(BAND))),
          band.call({ x, total, band: height, left, stride }),
          advance(x, height.mul(stride)),
          rows.set(rows.sub(height)),
        ]),
      ];
    },
  );
  return [band, columnSum];
});

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
  heapFunctions(wasm, columnSumModule).columnSum(
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

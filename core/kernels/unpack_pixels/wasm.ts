import * as tf from "../../tf.ts";
import {
  advance,
  defineModule,
  exportFunction,
  f32,
  f32x4,
  i32,
  i32x4,
  LEAVE,
  store,
  storeLane,
  until,
  when,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { unpackPixelsKernel } from "./op.ts";

const unpackPixelsModule = defineModule("unpack_pixels", () => [
  exportFunction(
    "unpack",
    { words: i32, x: i32, count: i32 },
    ({ words, x, count }, scope) => {
      const { last } = scope.locals({ last: f32x4 });
      /** The four bytes at `words` as numbers from 0 to 1. */
      const numbers = i32x4.loadBytes(words).toFloatsU()
        .div(f32x4.splat(f32.const(255)));
      return [
        until(count.ltU(4), [
          store(x, numbers),
          advance(words, 4),
          advance(x, 16),
          count.set(count.sub(4)),
        ]),
        when(count.eqz(), LEAVE),
        last.set(numbers),
        storeLane(x, last, 0),
        when(count.eq(1), LEAVE),
        storeLane(x, last, 1, 4),
        when(count.eq(2), LEAVE),
        storeLane(x, last, 2, 8),
      ];
    },
  ),
]);

/** Kernel `RetortUnpackPixels`: see `unpackPixels` of `op.ts`. */
export const unpackPixels = implementOnWasm(
  unpackPixelsKernel,
  (wasm, { words }, { shape }) => {
    const x = makeOutput(wasm, shape, "float32");
    heapFunctions(wasm, unpackPixelsModule).unpack(
      heapOffset(wasm, words),
      heapOffset(wasm, x),
      tf.util.sizeFromShape(shape),
    );
    return [x];
  },
);

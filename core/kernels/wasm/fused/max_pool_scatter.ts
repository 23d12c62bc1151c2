import type * as tf from "../../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import {
  checkInputShape,
  readInput,
  readIntegers,
} from "../../kernel_arguments.ts";
import { poolArguments, poolWindows, tapPointers } from "./pool_windows_wat.ts";

function wat(size: number[]): string {
  const scatter = poolWindows({
    name: "scatter",
    size,
    pooled: ["$g", "$winner"],
    locals: "(local $value v128) (local $won v128)",
    body: ({ load, store }) => `
      (local.set $value ${load("$g")})
      (local.set $won ${load("$winner")})
      ${
      tapPointers(size).map((tap, number) =>
        store(
          tap,
          `(v128.and (local.get $value) (i32x4.eq (local.get $won)
            (i32x4.splat (i32.const ${number}))))`,
        )
      ).join("\n")
    }`,
  });
  return `(module (import "env" "memory" (memory 1)) ${scatter})`;
}

const texts = new Map<string, string>();

/**
 * `wat`, made once for each size: its identity is how its instance is found.
 */
function cachedWat(size: number[]): string {
  const known = texts.get(String(size));
  if (known) return known;
  const text = wat(size);
  texts.set(String(size), text);
  return text;
}

/**
 * Kernel `RetortMaxPoolScatter`: dz `[n, h, w, c]` has g at the winner of each
 * window and 0 elsewhere, for g and winner `[n, h′, w′, c]` of
 * `RetortBiasReluMaxPool`.
 */
export const maxPoolScatter: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const g = readInput(inputs, "g");
  const winner = readInput(inputs, "winner", "int32");
  const shape = readIntegers(attrs, "inputShape", 4);
  const size = readIntegers(attrs, "size", 2);
  const geometry = poolArguments(shape, size);
  const [images, rows, columns, channels] = geometry;
  checkInputShape("g", g, [images, rows, columns, channels]);
  checkInputShape("winner", winner, g.shape);
  const dz = makeOutput(wasm, shape, "float32");
  if (rows * size[0] < shape[1] || columns * size[1] < shape[2]) {
    // The rows and columns that no window reaches.
    wasm.typedArrayFromHeap(dz).fill(0);
  }
  heapFunctions(wasm, "max_pool_scatter", cachedWat(size)).scatter(
    ...geometry,
    heapOffset(wasm, dz),
    heapOffset(wasm, g),
    heapOffset(wasm, winner),
  );
  return dz;
};

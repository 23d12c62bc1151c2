import type * as tf from "../../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import type { Turn } from "./element_loop.ts";
import {
  checkInputShape,
  readInput,
  readIntegers,
  readOptionalDropout,
} from "../../kernel_arguments.ts";
import { poolArguments, poolWindows, tapPointers } from "./pool_windows_wat.ts";

/**
 * Leaves the largest of the taps in `$best` and its number in `$won`, the first
 * of equals. A NaN in any tap makes `$best` NaN: one in the first stays by
 * pmax's order, the others by `$unknown`.
 */
function findLargest(taps: string[], { load }: Turn): string {
  const [first, ...others] = taps;
  const steps = others.map((tap, index) => `
    (local.set $value ${load(tap)})
    (local.set $won (i32x4.max_s (local.get $won)
      (v128.and (f32x4.gt (local.get $value) (local.get $best))
        (i32x4.splat (i32.const ${index + 1})))))
    (local.set $best (f32x4.pmax (local.get $best) (local.get $value)))
    (local.set $unknown (v128.or (local.get $unknown)
      (f32x4.ne (local.get $value) (local.get $value))))`);
  return `
    (local.set $best ${load(first)})
    (local.set $won (v128.const i32x4 0 0 0 0))
    (local.set $unknown (v128.const i32x4 0 0 0 0))
    ${steps.join("")}
    (local.set $best (v128.or (local.get $best) (local.get $unknown)))`;
}

function wat(size: number[], dropout: boolean): string {
  const taps = tapPointers(size);
  const pool = poolWindows({
    name: "pool",
    size,
    pooled: ["$y", "$winner"],
    perChannel: ["$bias"],
    locals:
      "(local $best v128) (local $won v128) (local $value v128) (local $unknown v128)",
    dropout,
    body: (turn) => {
      const relu = `(f32x4.pmax
        (f32x4.add (local.get $best) ${turn.load("$biasNow")})
        (v128.const f32x4 0 0 0 0))`;
      return `
        ${findLargest(taps, turn)}
        ${turn.store("$winner", "(local.get $won)")}
        ${
        turn.store("$y", dropout ? `(f32x4.mul ${relu} ${turn.mask})` : relu)
      }`;
    },
  });
  return `(module (import "env" "memory" (memory 1)) ${pool})`;
}

const texts = new Map<string, string>();

/**
 * `wat`, made once for each kind: its identity is how its instance is found.
 */
function cachedWat(size: number[], dropout: boolean): string {
  const kind = `${size} ${dropout}`;
  const known = texts.get(kind);
  if (known) return known;
  const text = wat(size, dropout);
  texts.set(kind, text);
  return text;
}

/**
 * Kernel `RetortBiasReluMaxPool`: y = relu(max of each window of z + b) ⊙ m,
 * for z `[n, h, w, c]`, b `[c]` and windows of `size` side by side; and where
 * in its window each maximum was, row-major, the first of equals. Both are
 * `[n, h′, w′, c]`; m is the mask of `fillDropoutMask` under the attribute
 * `dropout`, or 1 without.
 */
export const biasReluMaxPool: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const z = readInput(inputs, "z");
  const bias = readInput(inputs, "bias");
  const [images, , , channels] = z.shape;
  checkInputShape("bias", bias, [channels]);
  const size = readIntegers(attrs, "size", 2);
  const range = readOptionalDropout(attrs);
  const geometry = poolArguments(z.shape, size);
  const [, rows, columns] = geometry;
  const shape = [images, rows, columns, channels];
  const y = makeOutput(wasm, shape, "float32");
  const winner = makeOutput(wasm, shape, "int32");
  const text = cachedWat(size, range !== undefined);
  heapFunctions(wasm, "bias_relu_max_pool", text).pool(
    ...(range ?? []),
    ...geometry,
    heapOffset(wasm, z),
    heapOffset(wasm, y),
    heapOffset(wasm, winner),
    heapOffset(wasm, bias),
  );
  return [y, winner];
};

import * as tf from "../../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { elementLoop } from "./element_loop.ts";
import { MASK_PARAMETERS, MASK_START } from "./mask_wat.ts";
import {
  checkInputShape,
  readInput,
  readOptionalDropout,
} from "../../kernel_arguments.ts";
import { repeatBias } from "./repeat_bias.ts";

/** Outer loop over rows of `$period` elements that have one bias each. */
function wat(dropout: boolean): string {
  const activated = (sum: string) =>
    `(f32x4.pmax ${sum} (v128.const f32x4 0 0 0 0))`;
  return `(module (import "env" "memory" (memory 1))
  (func (export "biasRelu")
    ${dropout ? MASK_PARAMETERS : ""}
    (param $z i32) (param $bias i32) (param $y i32)
    (param $size i32) (param $period i32)
    (local $b i32) (local $count i32)
    ${dropout ? MASK_START : ""}
    (block $done (loop $rows
      (br_if $done (i32.eqz (local.get $size)))
      (local.set $b (local.get $bias))
      (local.set $count (select (local.get $size) (local.get $period)
        (i32.lt_u (local.get $size) (local.get $period))))
      (local.set $size (i32.sub (local.get $size) (local.get $count)))
      ${
    elementLoop({
      pointers: ["$z", "$b", "$y"],
      dropout,
      body: ({ load, store, mask }) => {
        // pmax gives its first operand unless that is smaller: NaN stays.
        const relu = activated(`(f32x4.add ${load("$z")} ${load("$b")})`);
        return store("$y", dropout ? `(f32x4.mul ${relu} ${mask})` : relu);
      },
    })
  }
      ${
    dropout
      ? "(local.set $index (i64.add (local.get $index) (i64.extend_i32_u (local.get $period))))"
      : ""
  }
      (br $rows)))))`;
}

const PLAIN = wat(false);
const DROPPING = wat(true);

/**
 * Kernel `RetortBiasRelu`: y = relu(z + b) ⊙ m, z `[…, channels]`, b
 * `[channels]`; m is the mask of `fillDropoutMask` under the attribute
 * `dropout`, or 1 without.
 */
export const biasRelu: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const z = readInput(inputs, "z");
  const bias = readInput(inputs, "bias");
  checkInputShape("bias", bias, z.shape.slice(-1));
  const range = readOptionalDropout(attrs);
  const size = tf.util.sizeFromShape(z.shape);
  const repeated = repeatBias(wasm, bias, size);
  const y = makeOutput(wasm, z.shape, "float32");
  heapFunctions(wasm, "bias_relu", range ? DROPPING : PLAIN).biasRelu(
    ...(range ?? []),
    heapOffset(wasm, z),
    heapOffset(wasm, repeated),
    heapOffset(wasm, y),
    size,
    tf.util.sizeFromShape(repeated.shape),
  );
  wasm.disposeData(repeated.dataId);
  return y;
};

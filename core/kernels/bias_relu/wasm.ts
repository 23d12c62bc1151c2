import * as tf from "../../tf.ts";
import { optionalMaskArguments } from "../drop_out/op.ts";
import { MASK_PARAMETERS, MASK_START } from "../wasm/dropout_mask.ts";
import { elementLoop } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { biasReluGradientKernel, biasReluKernel } from "./op.ts";

/** Elements that a loop takes at a time. */
const WIDTH = 8;
/** A row shorter than this spends its time on starting. */
const LEAST_ROW = 256;

/**
 * `bias` `[channels]` repeated until whole vectors fill it, `[period]`, for
 * adding it to `size` elements row by row; the caller disposes of it.
 */
export function repeatBias(
  backend: tf.BackendWasm,
  bias: tf.TensorInfo,
  size: number,
): tf.TensorInfo {
  const [channels] = bias.shape;
  const most = Math.max(1, size / channels);
  // Any eight rows of biases are whole vectors together.
  const least = Math.ceil(LEAST_ROW / channels);
  const copies = channels % WIDTH === 0
    ? least
    : Math.ceil(least / WIDTH) * WIDTH;
  const period = channels * Math.min(copies, most);
  const repeated = makeOutput(backend, [period], "float32");
  // The views come last: an allocation may move the heap.
  const from = backend.typedArrayFromHeap(bias);
  const to = backend.typedArrayFromHeap(repeated);
  for (let start = 0; start < period; start += channels) to.set(from, start);
  return repeated;
}

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
export const biasRelu = implementOnWasm(
  biasReluKernel,
  (wasm, { z, bias }, { dropout }) => {
    const mask = optionalMaskArguments(dropout);
    const size = tf.util.sizeFromShape(z.shape);
    const repeated = repeatBias(wasm, bias, size);
    const y = makeOutput(wasm, z.shape, "float32");
    heapFunctions(wasm, "bias_relu", mask ? DROPPING : PLAIN).biasRelu(
      ...(mask ?? []),
      heapOffset(wasm, z),
      heapOffset(wasm, repeated),
      heapOffset(wasm, y),
      size,
      tf.util.sizeFromShape(repeated.shape),
    );
    wasm.disposeData(repeated.dataId);
    return [y];
  },
);

/** All ones, which is a NaN, where `$out` is NaN; elsewhere 0. */
const UNKNOWN = "(f32x4.ne (local.get $out) (local.get $out))";

const WAT = `(module (import "env" "memory" (memory 1))
  (func (export "gradient") (param $scale f32)
    (param $y i32) (param $dy i32) (param $dz i32) (param $count i32)
    (local $factor v128) (local $out v128)
    (local.set $factor (f32x4.splat (local.get $scale)))
    ${
  elementLoop({
    pointers: ["$y", "$dy", "$dz"],
    body: ({ load, store }) => `
      (local.set $out ${load("$y")})
      ${
      store(
        "$dz",
        `(v128.or ${UNKNOWN}
          (v128.and (f32x4.mul ${load("$dy")} (local.get $factor))
            (f32x4.gt (local.get $out) (v128.const f32x4 0 0 0 0))))`,
      )
    }`,
  })
}))`;

/**
 * Kernel `RetortBiasReluGrad`: dz = y > 0 ? dy · scale : 0, where y is what
 * `RetortBiasRelu` or `RetortBiasReluMaxPool` gave: 0 wherever the unit was
 * silent or dropped, whatever dy is. Where y is NaN, dz is.
 */
export const biasReluGradient = implementOnWasm(
  biasReluGradientKernel,
  (wasm, { y, dy }, { scale }) => {
    const dz = makeOutput(wasm, y.shape, "float32");
    heapFunctions(wasm, "bias_relu_gradient", WAT).gradient(
      scale,
      heapOffset(wasm, y),
      heapOffset(wasm, dy),
      heapOffset(wasm, dz),
      tf.util.sizeFromShape(y.shape),
    );
    return [dz];
  },
);

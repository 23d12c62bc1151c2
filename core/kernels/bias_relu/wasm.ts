import * as tf from "../../tf.ts";
import { optionalMaskArguments } from "../drop_out/op.ts";
import {
  defineModule,
  exportFunction,
  f32,
  f32x4,
  i32,
  named,
  select,
  until,
} from "../wasm/code.ts";
import { exportMasked } from "../wasm/dropout_mask.ts";
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
function repeatBias(
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

/** Outer loop over rows of `period` elements that have one bias each. */
function biasReluModule(dropout: boolean) {
  return defineModule("bias_relu", () => [
    exportMasked(
      {
        name: "biasRelu",
        dropout,
        parameters: named(i32, "z", "bias", "y", "size", "period"),
      },
      ({ z, bias, y, size, period }, scope, begin) => {
        const { b, count } = scope.locals({ b: i32, count: i32 });
        const { mask, start } = begin();
        const rows = elementLoop({
          pointers: [z, b, y],
          count,
          mask,
          // pmax gives its first operand unless that is smaller: NaN stays.
          body: ({ load, store, drop }) =>
            store(y, drop(load(z).add(load(b)).pmax(f32x4.const(0)))),
        });
        return [
          start,
          until(size.eqz(), [
            b.set(bias),
            count.set(select(size, period, size.ltU(period))),
            size.set(size.sub(count)),
            rows,
            mask ? mask.index.set(mask.index.add(period.extendU())) : [],
          ]),
        ];
      },
    ),
  ]);
}

const PLAIN = biasReluModule(false);
const DROPPING = biasReluModule(true);

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
    heapFunctions(wasm, mask ? DROPPING : PLAIN).biasRelu(
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

const gradientModule = defineModule("bias_relu_gradient", () => [
  exportFunction(
    "gradient",
    { scale: f32, ...named(i32, "y", "dy", "dz", "count") },
    ({ scale, y, dy, dz, count }, scope) => {
      const { factor, out } = scope.locals({ factor: f32x4, out: f32x4 });
      return [
        factor.set(f32x4.splat(scale)),
        elementLoop({
          pointers: [y, dy, dz],
          count,
          body: ({ load, store }) => [
            out.set(load(y)),
            store(
              dz,
              // All ones are a NaN.
              out.ne(out).or(load(dy).mul(factor).and(out.gt(f32x4.const(0)))),
            ),
          ],
        }),
      ];
    },
  ),
]);

/**
 * Kernel `RetortBiasReluGradient`: dz = y > 0 ? dy · scale : 0, where y is what
 * `RetortBiasRelu` or `RetortBiasReluMaxPool` gave: 0 wherever the unit was
 * silent or dropped, whatever dy is. Where y is NaN, dz is.
 */
export const biasReluGradient = implementOnWasm(
  biasReluGradientKernel,
  (wasm, { y, dy }, { scale }) => {
    const dz = makeOutput(wasm, y.shape, "float32");
    heapFunctions(wasm, gradientModule).gradient(
      scale,
      heapOffset(wasm, y),
      heapOffset(wasm, dy),
      heapOffset(wasm, dz),
      tf.util.sizeFromShape(y.shape),
    );
    return [dz];
  },
);

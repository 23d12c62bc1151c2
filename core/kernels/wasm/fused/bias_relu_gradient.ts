import * as tf from "../../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { elementLoop } from "./element_loop.ts";
import {
  checkInputShape,
  readInput,
  readNumber,
} from "../../kernel_arguments.ts";

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
export const biasReluGradient: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const y = readInput(inputs, "y");
  const dy = readInput(inputs, "dy");
  checkInputShape("dy", dy, y.shape);
  const scale = readNumber(attrs, "scale");
  const dz = makeOutput(wasm, y.shape, "float32");
  heapFunctions(wasm, "bias_relu_gradient", WAT).gradient(
    scale,
    heapOffset(wasm, y),
    heapOffset(wasm, dy),
    heapOffset(wasm, dz),
    tf.util.sizeFromShape(y.shape),
  );
  return dz;
};

import * as tf from "../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../wasm/heap.ts";
import { elementLoop } from "../wasm/element_loop.ts";
import { MASK_PARAMETERS, MASK_START } from "../wasm/dropout_mask.ts";
import { readDropout, readInput } from "../kernel_arguments.ts";

const WAT = `(module (import "env" "memory" (memory 1))
  (func (export "dropout") ${MASK_PARAMETERS}
    (param $x i32) (param $y i32) (param $count i32)
    ${MASK_START}
    ${
  elementLoop({
    pointers: ["$x", "$y"],
    dropout: true,
    body: ({ load, store, mask }) =>
      store("$y", `(f32x4.mul ${load("$x")} ${mask})`),
  })
}))`;

/**
 * Kernel `RetortDropout`: y = x ⊙ m, for the mask m of `fillDropoutMask` under
 * the attributes `rate`, `key` and `first`. Any shape. A NaN stays NaN, kept or
 * not.
 */
export const dropout: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const x = readInput(inputs, "x");
  const range = readDropout(attrs);
  const y = makeOutput(wasm, x.shape, "float32");
  heapFunctions(wasm, "dropout", WAT).dropout(
    ...range,
    heapOffset(wasm, x),
    heapOffset(wasm, y),
    tf.util.sizeFromShape(x.shape),
  );
  return y;
};

import * as tf from "../../tf.ts";
import { MASK_PARAMETERS, MASK_START } from "../wasm/dropout_mask.ts";
import { elementLoop } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { dropOutKernel, maskArguments } from "./op.ts";

const WAT = `(module (import "env" "memory" (memory 1))
  (func (export "dropOut") ${MASK_PARAMETERS}
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
export const dropOut = implementOnWasm(
  dropOutKernel,
  (wasm, { x }, dropout) => {
    const y = makeOutput(wasm, x.shape, "float32");
    heapFunctions(wasm, "drop_out", WAT).dropOut(
      ...maskArguments(dropout),
      heapOffset(wasm, x),
      heapOffset(wasm, y),
      tf.util.sizeFromShape(x.shape),
    );
    return [y];
  },
);

import * as tf from "../../tf.ts";
import { defineModule, i32 } from "../wasm/code.ts";
import { exportMasked } from "../wasm/dropout_mask.ts";
import { elementLoop } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { dropOutKernel, maskArguments } from "./op.ts";

const dropOutModule = defineModule("drop_out", () => [
  exportMasked(
    {
      name: "dropOut",
      dropout: true,
      parameters: { x: i32, y: i32, count: i32 },
    },
    ({ x, y, count }, _, begin) => {
      const { mask, start } = begin();
      return [
        start,
        elementLoop({
          pointers: [x, y],
          count,
          mask,
          body: ({ load, store, drop }) => store(y, drop(load(x))),
        }),
      ];
    },
  ),
]);

/**
 * Kernel `RetortDropOut`: y = x ⊙ m, for the mask m of `fillDropoutMask` under
 * the attributes `rate`, `key` and `first`. Any shape. A NaN stays NaN, kept or
 * not.
 */
export const dropOut = implementOnWasm(
  dropOutKernel,
  (wasm, { x }, dropout) => {
    const y = makeOutput(wasm, x.shape, "float32");
    heapFunctions(wasm, dropOutModule).dropOut(
      ...maskArguments(dropout),
      heapOffset(wasm, x),
      heapOffset(wasm, y),
      tf.util.sizeFromShape(x.shape),
    );
    return [y];
  },
);

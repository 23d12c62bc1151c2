import { registerKernels } from "../../register_kernels.ts";
import type * as tf from "../../../tf.ts";
import { blockMatMulArguments } from "../../block_mat_mul_arguments.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { BLOCK_MAT_MUL } from "./block_mat_mul_wat.ts";

/** The kernel that runs `name` of the module. */
function kernel(
  kind: "forward" | "inputGradient" | "weightGradient",
): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const wasm = asWasmBackend(backend);
    const { operands, starts, shape, rows, units, members, classes } =
      blockMatMulArguments(kind, inputs, attrs);
    const output = makeOutput(wasm, shape, "float32");
    const [a, b] = operands.map((operand) => heapOffset(wasm, operand));
    heapFunctions(wasm, "block_mat_mul", BLOCK_MAT_MUL)[kind](
      a,
      b,
      heapOffset(wasm, starts),
      heapOffset(wasm, output),
      rows,
      units,
      members,
      classes,
    );
    return output;
  };
}

/** Registers the kernels that `blockMatMul` of core/kernels/ops calls. */
export function registerBlockWasmKernels(): void {
  registerKernels("wasm", {
    RetortBlockMatMul: kernel("forward"),
    RetortBlockMatMulInputGrad: kernel("inputGradient"),
    RetortBlockMatMulWeightGrad: kernel("weightGradient"),
  });
}

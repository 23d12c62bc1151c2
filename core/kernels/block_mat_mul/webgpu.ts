import type * as tf from "../../tf.ts";
import { type BlockMatMulArguments, blockMatMulArguments } from "./op.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  runProgram,
} from "../webgpu/run_program.ts";

/** The block of unit u: the last that starts at or before it. */
const FIND_BLOCK = `fn blockOf(u : i32) -> i32 {
  var low = 0;
  var high = uniforms.members - 1;
  while (low < high) {
    let middle = (low + high + 1) / 2;
    if (starts[middle] <= u) { low = middle; } else { high = middle - 1; }
  }
  return low;
}`;

const CODE = {
  forward: `fn main(i : i32) {
  let outputs = uniforms.members * uniforms.classes;
  if (i >= uniforms.rows * outputs) { return; }
  let row = i / outputs;
  let block = (i - row * outputs) / uniforms.classes;
  let class_ = i % uniforms.classes;
  var sum = 0.0;
  for (var u = starts[block]; u < starts[block + 1]; u++) {
    sum += a[row * uniforms.units + u] * b[class_ * uniforms.units + u];
  }
  product[i] = sum;
}`,
  inputGradient: `${FIND_BLOCK}
fn main(i : i32) {
  if (i >= uniforms.rows * uniforms.units) { return; }
  let row = i / uniforms.units;
  let u = i - row * uniforms.units;
  let at = (row * uniforms.members + blockOf(u)) * uniforms.classes;
  var sum = 0.0;
  for (var c = 0; c < uniforms.classes; c++) {
    sum += a[at + c] * b[c * uniforms.units + u];
  }
  product[i] = sum;
}`,
  weightGradient: `${FIND_BLOCK}
fn main(i : i32) {
  if (i >= uniforms.classes * uniforms.units) { return; }
  let class_ = i / uniforms.units;
  let u = i - class_ * uniforms.units;
  let outputs = uniforms.members * uniforms.classes;
  let at = blockOf(u) * uniforms.classes + class_;
  var sum = 0.0;
  for (var row = 0; row < uniforms.rows; row++) {
    sum += a[row * outputs + at] * b[row * uniforms.units + u];
  }
  product[i] = sum;
}`,
};

/** A product by blocks, or one of its gradients, of `operands` a and b. */
export function blockMatMulProgram(
  kind: keyof typeof CODE,
  { shape, rows, units, members, classes }: Omit<
    BlockMatMulArguments,
    "operands" | "starts"
  >,
): FusedProgram {
  const sizes = { rows, units, members, classes };
  return {
    key: `blockMatMul ${kind}`,
    inputs: ["a", "b", "starts"].map((name) => ({ name, lanes: 1 })),
    outputs: [{ name: "product", shape, dtype: "float32", lanes: 1 }],
    uniforms: Object.entries(sizes).map(([name, value]) => ({
      name,
      type: "i32",
      value,
    })),
    invocations: [shape[0] * shape[1]],
    code: CODE[kind],
  };
}

function kernel(kind: keyof typeof CODE): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const { operands, starts, ...sizes } = blockMatMulArguments(
      kind,
      inputs,
      attrs,
    );
    return runProgram(
      asWebGpuBackend(backend),
      blockMatMulProgram(kind, sizes),
      [...operands, starts],
    )[0];
  };
}

/** Kernels of `blockMatMul` of `op.ts`, by their names. */
export const BLOCK_MAT_MUL_KERNELS: Record<string, tf.KernelFunc> = {
  RetortBlockMatMul: kernel("forward"),
  RetortBlockMatMulInputGrad: kernel("inputGradient"),
  RetortBlockMatMulWeightGrad: kernel("weightGradient"),
};

import type * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import {
  blockMatMulKernel,
  type BlockProduct,
  forwardProduct,
  inputGradientKernel,
  inputGradientProduct,
  weightGradientKernel,
  weightGradientProduct,
} from "./op.ts";

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
function blockMatMulProgram(
  kind: keyof typeof CODE,
  { shape, rows, units, members, classes }: Omit<
    BlockProduct,
    "operands" | "starts"
  >,
): Program {
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

/** The product, or gradient, by its program. */
function computeProduct(
  webgpu: tf.WebGPUBackend,
  kind: keyof typeof CODE,
  { operands, starts, ...sizes }: BlockProduct,
): tf.TensorInfo[] {
  const program = blockMatMulProgram(kind, sizes);
  return runProgram(webgpu, program, [...operands, starts]);
}

/** Kernel `RetortBlockMatMul`: see `blockMatMul` of `op.ts`. */
export const blockMatMul = implementOnWebGpu(
  blockMatMulKernel,
  (webgpu, inputs) => computeProduct(webgpu, "forward", forwardProduct(inputs)),
);

/** Kernel `RetortBlockMatMulInputGradient`: its gradient by h. */
export const blockMatMulInputGradient = implementOnWebGpu(
  inputGradientKernel,
  (webgpu, inputs) =>
    computeProduct(webgpu, "inputGradient", inputGradientProduct(inputs)),
);

/** Kernel `RetortBlockMatMulWeightGradient`: its gradient by the weights. */
export const blockMatMulWeightGradient = implementOnWebGpu(
  weightGradientKernel,
  (webgpu, inputs, { classes }) =>
    computeProduct(
      webgpu,
      "weightGradient",
      weightGradientProduct(inputs, classes),
    ),
);

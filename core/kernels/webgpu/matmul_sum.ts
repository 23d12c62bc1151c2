import type * as tf from "../../tf.ts";
import { epilogueCode } from "./matmul_epilogue.ts";
import { flatten, type Product } from "./matmul_product.ts";
import { type FusedProgram, lanesOf } from "./run_program.ts";

/**
 * C = Σ_p C_p over the parts `[batch · parts, rows, columns]` of a product's sum, in
 * their order, then its epilogue: the same parts always give the same bits.
 */
export function sumPartsProgram(
  product: Product,
  partial: tf.TensorInfo,
  parts: number,
): { program: FusedProgram; inputs: tf.TensorInfo[] } {
  const { batch, rows, columns, outputShape } = product;
  const lanes = lanesOf(columns);
  const finish = epilogueCode(product.epilogue, lanes);
  const stride = rows * columns / lanes;
  const program: FusedProgram = {
    key: `matmul sum ${finish.key}`,
    inputs: [{ name: "summands", lanes }, ...finish.inputs],
    outputs: [{ name: "total", shape: outputShape, dtype: "float32", lanes }],
    uniforms: [
      { name: "entries", type: "i32", value: batch * stride },
      { name: "stride", type: "i32", value: stride },
      { name: "parts", type: "i32", value: parts },
      { name: "columns", type: "i32", value: columns },
    ],
    invocations: [batch * stride],
    code: `${finish.code}
fn main(i : i32) {
  if (i >= uniforms.entries) { return; }
  let b = i / uniforms.stride;
  var at = i + b * (uniforms.parts - 1) * uniforms.stride;
  var sum = summands[at];
  for (var part = 1; part < uniforms.parts; part += 1) {
    at += uniforms.stride;
    sum += summands[at];
  }
  total[i] = finish(sum, (i * ${lanes}) % uniforms.columns);
}`,
  };
  return { program, inputs: [flatten(partial), ...finish.tensors] };
}

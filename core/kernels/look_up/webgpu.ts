import * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { sumByIndexKernel } from "./op.ts";

/** Invocations that share one sum. */
const PARTS = 64;

/**
 * Sums of `count` values by index, `[size]`. A workgroup an entry: its invocations
 * each read a share of all indices, and the first adds up what they found, always in
 * the same order.
 */
function sumByIndexProgram(count: number, size: number): Program {
  return {
    key: "sumByIndex",
    inputs: [{ name: "values", lanes: 1 }, { name: "indices", lanes: 1 }],
    outputs: [{ name: "sums", shape: [size], dtype: "float32", lanes: 1 }],
    uniforms: [{ name: "count", type: "i32", value: count }],
    invocations: [PARTS * size, 1, 1],
    workgroup: [PARTS, 1, 1],
    code: `var<workgroup> parts : array<f32, ${PARTS}>;
fn main() {
  let entry = i32(workgroupId.x);
  let own = i32(localId.x);
  var part = 0.0;
  for (var i = own; i < uniforms.count; i += ${PARTS}) {
    if (i32(indices[i]) == entry) { part += values[i]; }
  }
  parts[own] = part;
  workgroupBarrier();
  if (own == 0) {
    var sum = 0.0;
    for (var i = 0; i < ${PARTS}; i++) { sum += parts[i]; }
    sums[entry] = sum;
  }
}`,
  };
}

/** Kernel `RetortSumByIndex`: the gradient of `lookUp` of `op.ts`. */
export const sumByIndex = implementOnWebGpu(
  sumByIndexKernel,
  (webgpu, { values, indices }, { size }) => {
    const count = tf.util.sizeFromShape(values.shape);
    return runProgram(webgpu, sumByIndexProgram(count, size), [
      values,
      indices,
    ]);
  },
);

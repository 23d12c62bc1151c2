import * as tf from "../../tf.ts";
import { dropoutCode } from "../webgpu/dropout_mask.ts";
import {
  implementOnWebGpu,
  lanesOf,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { dropOutKernel, type MaskArguments, maskArguments } from "./op.ts";

/** y = x ⊙ m for x of `shape`. */
function dropOutProgram(
  shape: number[],
  dropout: MaskArguments,
): Program {
  const size = tf.util.sizeFromShape(shape);
  const lanes = lanesOf(size);
  const mask = dropoutCode(lanes, dropout);
  return {
    key: `dropOut ${lanes} ${mask.key}`,
    inputs: [{ name: "x", lanes }],
    outputs: [{ name: "y", shape, dtype: "float32", lanes }],
    uniforms: [
      { name: "entries", type: "i32", value: size / lanes },
      ...mask.uniforms,
    ],
    invocations: [size / lanes],
    code: `${mask.code}
fn main(i : i32) {
  if (i < uniforms.entries) { y[i] = x[i] * maskAt(i); }
}`,
  };
}

/** Kernel `RetortDropOut`: see `dropOut` of `op.ts`. */
export const dropOut = implementOnWebGpu(
  dropOutKernel,
  (webgpu, { x }, dropout) =>
    runProgram(webgpu, dropOutProgram(x.shape, maskArguments(dropout)), [x]),
);

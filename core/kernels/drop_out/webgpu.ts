import * as tf from "../../tf.ts";
import {
  type DropoutArguments,
  readDropout,
  readInput,
} from "../kernel_arguments.ts";
import { dropoutCode } from "../webgpu/dropout_mask.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "../webgpu/run_program.ts";

/** y = x ⊙ m for x of `shape`. */
export function dropoutProgram(
  shape: number[],
  dropout: DropoutArguments,
): FusedProgram {
  const size = tf.util.sizeFromShape(shape);
  const lanes = lanesOf(size);
  const mask = dropoutCode(lanes, dropout);
  return {
    key: `dropout ${lanes} ${mask.key}`,
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

/** Kernel `RetortDropout`: see `dropOut` of `op.ts`. */
export const dropout: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const x = readInput(inputs, "x");
  const program = dropoutProgram(x.shape, readDropout(attrs));
  return runProgram(asWebGpuBackend(backend), program, [x])[0];
};

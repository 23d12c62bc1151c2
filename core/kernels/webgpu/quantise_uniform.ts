import * as tf from "../../tf.ts";
import { readInput, readNumber } from "../kernel_arguments.ts";
import { isUnknown, levelCode } from "./level_code.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  runProgram,
} from "./run_program.ts";

/** Weights of `shape` at levels of `bits` bits, with `steps` step sizes. */
export function quantiseUniformProgram(
  shape: number[],
  steps: number,
  bits: number,
): FusedProgram {
  const size = tf.util.sizeFromShape(shape);
  return {
    key: `quantiseUniform ${bits}`,
    inputs: [{ name: "weights", lanes: 1 }, { name: "steps", lanes: 1 }],
    outputs: [{ name: "rounded", shape, dtype: "float32", lanes: 1 }],
    uniforms: [
      { name: "entries", type: "i32", value: size },
      { name: "channels", type: "i32", value: steps },
    ],
    invocations: [size],
    code: `${levelCode(bits)}
fn main(i : i32) {
  if (i < uniforms.entries) {
    let weight = weights[i];
    let step = steps[i % uniforms.channels];
    let level = levelOf(weight, step);
    // 0 · step, not −0 · step, where the level is −0.
    let value = select(level * step, 0.0, level == 0.0);
    rounded[i] = select(value, uniforms.NAN, ${isUnknown("weight")} || ${
      isUnknown("step")
    });
  }
}`,
  };
}

/** Kernel `RetortQuantise`: see `quantiseUniform` of core/kernels/ops. */
export const quantiseUniform: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const weights = readInput(inputs, "weights");
  const steps = readInput(inputs, "steps");
  const program = quantiseUniformProgram(
    weights.shape,
    tf.util.sizeFromShape(steps.shape),
    readNumber(attrs, "bits"),
  );
  return runProgram(asWebGpuBackend(backend), program, [weights, steps])[0];
};

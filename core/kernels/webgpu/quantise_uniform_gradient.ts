import * as tf from "../../tf.ts";
import { checkInputShape, readInput, readNumber } from "../kernel_arguments.ts";
import { levelRange } from "../level_range.ts";
import { columnSum } from "./column_sum.ts";
import { isUnknown, levelCode } from "./level_code.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  runProgram,
} from "./run_program.ts";

/** ∂L/∂w of `shape`, and what each weight adds to ∂L/∂s: `[rows, steps]`. */
export function quantiseUniformGradientProgram(
  shape: number[],
  steps: number,
  { bits, pull }: { bits: number; pull: number },
): FusedProgram {
  const size = tf.util.sizeFromShape(shape);
  const { lowest, highest } = levelRange(bits);
  const inside = bits === 1
    ? "false"
    : `weight >= ${lowest}.0 * step && weight <= ${highest}.0 * step`;
  // As in `roundLevel`: a sign needs no step.
  const unknown = bits === 1
    ? isUnknown("weight")
    : `${isUnknown("weight")} || ${isUnknown("step")}`;
  const outside = bits === 1 ? "slope" : "select(0.0, uniforms.NAN, unknown)";
  const rows = [size / steps, steps];
  return {
    key: `quantiseUniformGradient ${bits}`,
    inputs: ["weights", "steps", "dy"].map((name) => ({ name, lanes: 1 })),
    outputs: [
      { name: "dWeights", shape, dtype: "float32", lanes: 1 },
      { name: "rises", shape: rows, dtype: "float32", lanes: 1 },
    ],
    uniforms: [
      { name: "entries", type: "i32", value: size },
      { name: "channels", type: "i32", value: steps },
      { name: "pull", type: "f32", value: pull },
    ],
    invocations: [size],
    code: `${levelCode(bits)}
fn main(i : i32) {
  if (i < uniforms.entries) {
    let weight = weights[i];
    let step = steps[i % uniforms.channels];
    let slope = dy[i];
    let level = levelOf(weight, step);
    let unknown = ${unknown};
    let inside = ${bits === 1 ? inside : `!unknown && ${inside}`};
    let pulled = slope + uniforms.pull * (weight - step * level);
    dWeights[i] = select(${outside}, pulled, inside);
    let rise = slope * (level - select(0.0, weight / step, inside));
    rises[i] = select(rise, uniforms.NAN, unknown);
  }
}`,
  };
}

/** Kernel `RetortQuantiseGrad`: see `quantiseUniform` of core/kernels/ops. */
export const quantiseUniformGradient: tf.KernelFunc = (
  { inputs, attrs, backend },
) => {
  const webgpu = asWebGpuBackend(backend);
  const [weights, steps, dy] = ["weights", "steps", "dy"].map((name) =>
    readInput(inputs, name)
  );
  checkInputShape("dy", dy, weights.shape);
  const program = quantiseUniformGradientProgram(
    weights.shape,
    tf.util.sizeFromShape(steps.shape),
    { bits: readNumber(attrs, "bits"), pull: readNumber(attrs, "pull") },
  );
  const [dWeights, rises] = runProgram(webgpu, program, [weights, steps, dy]);
  const sums = columnSum({ inputs: { x: rises }, attrs: {}, backend });
  if (sums !== rises) webgpu.disposeData(rises.dataId);
  return [dWeights, Array.isArray(sums) ? sums[0] : sums];
};

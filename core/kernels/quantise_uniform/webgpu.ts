import * as tf from "../../tf.ts";
import { sumColumns } from "../column_sum/webgpu.ts";
import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { isUnknown } from "../webgpu/wgsl.ts";
import { quantiseUniformGradientKernel, quantiseUniformKernel } from "./op.ts";
import { levelRange } from "./round_level.ts";

/**
 * WGSL of `roundLevel` for `bits` bits: a function `levelOf(weight, step)`. A
 * quotient here may be off by a few units in the last place; the distance tells.
 */
function levelCode(bits: number): string {
  const { lowest, highest } = levelRange(bits);
  if (bits === 1) {
    return `fn levelOf(weight : f32, step : f32) -> f32 {
  return select(-1.0, 1.0, weight >= 0.0);
}`;
  }
  return `fn levelOf(weight : f32, step : f32) -> f32 {
  let near = round(clamp(weight / step, ${lowest}.0, ${highest}.0));
  let rest = weight - near * step;
  let up = select(0.0, 1.0, rest >= 0.5 * step);
  let down = select(0.0, 1.0, rest < -0.5 * step);
  return clamp(near + up - down, ${lowest}.0, ${highest}.0);
}`;
}

/** Weights of `shape` at levels of `bits` bits, with `steps` step sizes. */
function quantiseUniformProgram(
  shape: number[],
  steps: number,
  bits: number,
): Program {
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

/** Kernel `RetortQuantiseUniform`: see `quantiseUniform` of `op.ts`. */
export const quantiseUniform = implementOnWebGpu(
  quantiseUniformKernel,
  (webgpu, { weights, steps }, { bits }) => {
    const channels = tf.util.sizeFromShape(steps.shape);
    const program = quantiseUniformProgram(weights.shape, channels, bits);
    return runProgram(webgpu, program, [weights, steps]);
  },
);

/** ∂L/∂w of `shape`, and what each weight adds to ∂L/∂s: `[rows, steps]`. */
function quantiseUniformGradientProgram(
  shape: number[],
  steps: number,
  { bits, pull }: { bits: number; pull: number },
): Program {
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

/** Kernel `RetortQuantiseUniformGradient`: see `quantiseUniform` of `op.ts`. */
export const quantiseUniformGradient = implementOnWebGpu(
  quantiseUniformGradientKernel,
  (webgpu, { weights, steps, dy }, { bits, pull }) => {
    const program = quantiseUniformGradientProgram(
      weights.shape,
      tf.util.sizeFromShape(steps.shape),
      { bits, pull },
    );
    const [dWeights, rises] = runProgram(webgpu, program, [weights, steps, dy]);
    const sums = sumColumns(webgpu, rises);
    if (sums !== rises) webgpu.disposeData(rises.dataId);
    return [dWeights, sums];
  },
);

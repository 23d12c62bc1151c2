import * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  lanesOf,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import {
  adadeltaKernel,
  adadeltaNumbers,
  adamKernel,
  adamNumbers,
  sgdKernel,
} from "./op.ts";

/** How an optimiser moves one weight. */
interface OptimiserRule<Slot extends string> {
  /** Tells its code from others'. */
  name: string;
  /** The state that goes with a weight, in the kernel's order. */
  slots: Slot[];
  /**
   * WGSL of the step from `w` by `g`: it has each slot as a variable of the
   * slot's name, and changes them all. `value` is their type, and `uniforms.*`
   * the numbers.
   */
  step: string;
}

/** w, g and state of `shape` → new w and state, in one dispatch. */
function optimiserProgram(
  { name, slots, step }: OptimiserRule<string>,
  shape: number[],
  numbers: Record<string, number>,
): Program {
  const size = tf.util.sizeFromShape(shape);
  const lanes = lanesOf(size);
  const buffer = (name: string) => ({ name, lanes });
  const result = (name: string) =>
    ({ name, shape, dtype: "float32", lanes }) as const;
  return {
    key: `${name} ${lanes}`,
    inputs: ["weight", "gradient", ...slots].map(buffer),
    outputs: [
      result("newWeight"),
      ...slots.map((slot) => result(`${slot}New`)),
    ],
    uniforms: [
      { name: "entries", type: "i32", value: size / lanes },
      ...Object.entries(numbers).map(([name, value]) => (
        { name, type: "f32", value } as const
      )),
    ],
    invocations: [size / lanes],
    code: `alias value = ${lanes === 4 ? "vec4<f32>" : "f32"};
fn main(i : i32) {
  if (i >= uniforms.entries) { return; }
  var w = weight[i];
  let g = gradient[i];
  ${slots.map((slot) => `var ${slot}At = ${slot}[i];`).join("\n  ")}
  ${step}
  newWeight[i] = w;
  ${slots.map((slot) => `${slot}New[i] = ${slot}At;`).join("\n  ")}
}`,
  };
}

/** A weight and its state moved by `rule`. */
function step<Slot extends string>(
  webgpu: tf.WebGPUBackend,
  rule: OptimiserRule<Slot>,
  inputs: Record<"weight" | "gradient" | Slot, tf.TensorInfo>,
  numbers: Record<string, number>,
): tf.TensorInfo[] {
  const { weight, gradient } = inputs;
  return runProgram(webgpu, optimiserProgram(rule, weight.shape, numbers), [
    weight,
    gradient,
    ...rule.slots.map((slot) => inputs[slot]),
  ]);
}

const SGD: OptimiserRule<"velocity"> = {
  name: "sgd",
  slots: ["velocity"],
  step: `
  velocityAt = velocityAt * uniforms.momentum + g;
  w -= velocityAt * uniforms.learningRate;`,
};

/** Kernel `RetortSgd`: see `updateSgd` of `op.ts` for its formula. */
export const sgd = implementOnWebGpu(
  sgdKernel,
  (webgpu, inputs, { momentum, learningRate }) =>
    step(webgpu, SGD, inputs, { momentum, learningRate }),
);

const ADAM: OptimiserRule<"mean" | "square"> = {
  name: "adam",
  slots: ["mean", "square"],
  step: `
  meanAt = meanAt * uniforms.beta1 + g * uniforms.rest1;
  squareAt = squareAt * uniforms.beta2 + g * g * uniforms.rest2;
  w -= meanAt / (sqrt(squareAt * uniforms.correction) + uniforms.epsilon) * uniforms.rate;`,
};

/** Kernel `RetortAdam`: see `updateAdam` of `op.ts` for its formula. */
export const adam = implementOnWebGpu(
  adamKernel,
  (webgpu, inputs, numbers) => step(webgpu, ADAM, inputs, adamNumbers(numbers)),
);

const ADADELTA: OptimiserRule<"squares" | "updates"> = {
  name: "adadelta",
  slots: ["squares", "updates"],
  step: `
  squaresAt = squaresAt * uniforms.rho + g * g * uniforms.rest;
  let delta = sqrt((updatesAt + uniforms.epsilon) / (squaresAt + uniforms.epsilon)) * g;
  updatesAt = updatesAt * uniforms.rho + delta * delta * uniforms.rest;
  w -= delta * uniforms.learningRate;`,
};

/** Kernel `RetortAdadelta`: see `updateAdadelta` of `op.ts` for its formula. */
export const adadelta = implementOnWebGpu(
  adadeltaKernel,
  (webgpu, inputs, numbers) =>
    step(webgpu, ADADELTA, inputs, adadeltaNumbers(numbers)),
);

import * as tf from "../../tf.ts";
import { checkInputShape, readInput, readNumber } from "../kernel_arguments.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "../webgpu/run_program.ts";
import { adadeltaNumbers, adamNumbers, sgdNumbers } from "./op.ts";

/** How an optimiser moves one weight. */
export interface OptimiserRule {
  /** Tells its code from others'. */
  name: string;
  /** The state that goes with a weight, in the kernel's order. */
  slots: string[];
  /** The kernel's attributes, and what is computed from them, as uniforms. */
  numbers: (number: (name: string) => number) => Record<string, number>;
  /**
   * WGSL of the step from `w` by `g`: it has each slot as a variable of the
   * slot's name, and changes them all. `value` is their type, and `uniforms.*`
   * the numbers.
   */
  step: string;
}

/** w, g and state of `shape` → new w and state, in one dispatch. */
export function optimiserProgram(
  { name, slots, step }: OptimiserRule,
  shape: number[],
  numbers: Record<string, number>,
): FusedProgram {
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

/** The kernel that updates a weight and its state by `rule`. */
export function optimiserStep(rule: OptimiserRule): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const tensors = ["weight", "gradient", ...rule.slots].map((name) =>
      readInput(inputs, name)
    );
    const [{ shape }, ...others] = tensors;
    others.forEach((input) =>
      checkInputShape("gradient or state", input, shape)
    );
    const numbers = rule.numbers((name) => readNumber(attrs, name));
    const program = optimiserProgram(rule, shape, numbers);
    return runProgram(asWebGpuBackend(backend), program, tensors);
  };
}

/** Kernel `RetortSgd`: see `updateSgd` of `op.ts` for its formula. */
export const sgd = optimiserStep({
  name: "sgd",
  slots: ["velocity"],
  numbers: sgdNumbers,
  step: `
  velocityAt = velocityAt * uniforms.momentum + g;
  w -= velocityAt * uniforms.learningRate;`,
});

/** Kernel `RetortAdam`: see `updateAdam` of `op.ts` for its formula. */
export const adam = optimiserStep({
  name: "adam",
  slots: ["mean", "square"],
  numbers: adamNumbers,
  step: `
  meanAt = meanAt * uniforms.beta1 + g * uniforms.rest1;
  squareAt = squareAt * uniforms.beta2 + g * g * uniforms.rest2;
  w -= meanAt / (sqrt(squareAt * uniforms.correction) + uniforms.epsilon) * uniforms.rate;`,
});

/** Kernel `RetortAdadelta`: see `updateAdadelta` of `op.ts` for its formula. */
export const adadelta = optimiserStep({
  name: "adadelta",
  slots: ["squares", "updates"],
  numbers: adadeltaNumbers,
  step: `
  squaresAt = squaresAt * uniforms.rho + g * g * uniforms.rest;
  let delta = sqrt((updatesAt + uniforms.epsilon) / (squaresAt + uniforms.epsilon)) * g;
  updatesAt = updatesAt * uniforms.rho + delta * delta * uniforms.rest;
  w -= delta * uniforms.learningRate;`,
});

import { adadeltaNumbers } from "../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortAdadelta`: see `updateAdadelta` of core/kernels/ops for its formula. */
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

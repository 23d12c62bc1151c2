import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortSgd`: see `updateSgd` of core/kernels/ops for its formula. */
export const sgd = optimiserStep({
  name: "sgd",
  slots: ["velocity"],
  numbers: (number) => ({
    momentum: number("momentum"),
    learningRate: number("learningRate"),
  }),
  step: `
  velocityAt = velocityAt * uniforms.momentum + g;
  w -= velocityAt * uniforms.learningRate;`,
});

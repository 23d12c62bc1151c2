import { sgdNumbers } from "../../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortSgd`: see `updateSgd` of core/kernels/ops for its formula. */
export const sgd = optimiserStep({
  name: "sgd",
  inputs: ["weight", "gradient", "velocity"],
  outputs: ["weight", "velocity"],
  numbers: sgdNumbers,
  locals: ["v"],
  body: ({ load, store }) => `
    (local.set $v (f32x4.add
      (f32x4.mul ${load("$velocity")} (local.get $momentum))
      ${load("$gradient")}))
    ${store("$newVelocity", "(local.get $v)")}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")}
        (f32x4.mul (local.get $v) (local.get $learningRate)))`,
    )
  }`,
});

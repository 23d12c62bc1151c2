import { adamNumbers } from "../../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortAdam`: see `updateAdam` of core/kernels/ops for its formula. */
export const adam = optimiserStep({
  name: "adam",
  inputs: ["weight", "gradient", "mean", "square"],
  outputs: ["weight", "mean", "square"],
  numbers: adamNumbers,
  locals: ["g", "m", "v"],
  body: ({ load, store }) => `
    (local.set $g ${load("$gradient")})
    (local.set $m (f32x4.add (f32x4.mul ${load("$mean")} (local.get $beta1))
      (f32x4.mul (local.get $g) (local.get $rest1))))
    (local.set $v (f32x4.add (f32x4.mul ${load("$square")} (local.get $beta2))
      (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (local.get $rest2))))
    ${store("$newMean", "(local.get $m)")}
    ${store("$newSquare", "(local.get $v)")}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")} (f32x4.mul
        (f32x4.div (local.get $m) (f32x4.add
          (f32x4.sqrt (f32x4.mul (local.get $v) (local.get $correction)))
          (local.get $epsilon)))
        (local.get $rate)))`,
    )
  }`,
});

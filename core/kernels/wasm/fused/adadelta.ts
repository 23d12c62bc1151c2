import { adadeltaNumbers } from "../../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** ρ · `old` + (1 − ρ) · `value`². */
function average(old: string, value: string): string {
  return `(f32x4.add (f32x4.mul ${old} (local.get $rho))
    (f32x4.mul (f32x4.mul ${value} ${value}) (local.get $rest)))`;
}

/** Kernel `RetortAdadelta`: see `updateAdadelta` of core/kernels/ops for its formula. */
export const adadelta = optimiserStep({
  name: "adadelta",
  inputs: ["weight", "gradient", "squares", "updates"],
  outputs: ["weight", "squares", "updates"],
  numbers: adadeltaNumbers,
  locals: ["g", "s", "u", "delta"],
  body: ({ load, store }) => `
    (local.set $g ${load("$gradient")})
    (local.set $u ${load("$updates")})
    (local.set $s ${average(load("$squares"), "(local.get $g)")})
    (local.set $delta (f32x4.mul (local.get $g) (f32x4.sqrt (f32x4.div
      (f32x4.add (local.get $u) (local.get $epsilon))
      (f32x4.add (local.get $s) (local.get $epsilon))))))
    ${store("$newSquares", "(local.get $s)")}
    ${store("$newUpdates", average("(local.get $u)", "(local.get $delta)"))}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")}
        (f32x4.mul (local.get $delta) (local.get $learningRate)))`,
    )
  }`,
});

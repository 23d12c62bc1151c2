import type { Labels } from "../data/dataset.ts";
import { nameLoss } from "../train/losses/losses.ts";
import { randomStream } from "../random/stream.ts";
import type { MonotoneViolation } from "./result.ts";

import type { FinishedTrial } from "./trials.ts";

const RESAMPLES = 2000;
const TAIL = 0.025;
const SEED = 0;
/** Far below one image in any test set: what rounding may do to a tie. */
const ROUNDING = 1e-9;

/** For each test image, the share of `trials` that classify it correctly. */
function hitRates(
  trials: FinishedTrial[],
  labels: Labels,
): Float64Array<ArrayBuffer> {
  const rates = new Float64Array(labels.length);
  for (const { predictions } of trials) {
    for (let image = 0; image < labels.length; image++) {
      rates[image] += Number(predictions[image] === labels[image]) /
        trials.length;
    }
  }
  return rates;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The 95% interval of the mean of `differences`, one a test image, by the
 * percentile bootstrap: 2000 resamples of the images, seeded.
 *
 * Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993,
 * chapter 13.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootstrapInterval } from "./monotonicity.ts";
 *
 * assertEquals(bootstrapInterval(new Float64Array(50).fill(0.5)), [0.5, 0.5]);
 * ```
 */
export function bootstrapInterval(
  differences: Float64Array,
): [number, number] {
  const random = randomStream(SEED, "bootstrap");
  const { length } = differences;
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < length; draw++) {
      sum += differences[random.below(length)];
    }
    return sum / length;
  }).sort();
  const at = (share: number) => means[Math.round(share * (RESAMPLES - 1))];
  return [at(TAIL), at(1 - TAIL)];
}

/**
 * The seed's question, whether f₁ < f₂ implies s(f₁) < s(f₂): every pair of
 * students of one loss and dropout in which the smaller is at least as accurate
 * on the test images as the larger, with the interval of the difference by a
 * paired bootstrap over those images. Accuracies are means over seeds.
 */
export function findViolations(
  trials: FinishedTrial[],
  labels: Labels,
): MonotoneViolation[] {
  const families = Map.groupBy(
    trials,
    ({ dropout, loss }) => JSON.stringify([dropout, loss]),
  );
  return [...families.values()].flatMap((family) => {
    const widths = [...Map.groupBy(family, ({ hidden }) => hidden)]
      .toSorted(([a], [b]) => a - b)
      .map(([hidden, members]) => ({
        hidden,
        rates: hitRates(members, labels),
      }));
    const [{ loss, dropout }] = family;
    return widths.flatMap((smaller, index) =>
      widths.slice(index + 1).flatMap((larger) => {
        const differences = smaller.rates.map((rate, image) =>
          rate - larger.rates[image]
        );
        const difference = meanOf(differences);
        if (difference < -ROUNDING) return [];
        return [{
          smaller: smaller.hidden,
          larger: larger.hidden,
          loss: nameLoss(loss),
          dropout,
          difference: Math.max(0, difference),
          interval: bootstrapInterval(differences),
        }];
      })
    );
  });
}

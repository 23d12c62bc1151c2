import { findSmallest, sortAccuracies } from "../study/find_smallest.ts";
import { nameLoss } from "../train/losses/losses.ts";
import type { FrontierPoint, StudentGroup } from "./result.ts";
import type { FinishedTrial } from "./trials.ts";

/** Accuracies that s(f) is given for unless told otherwise. */
export const DEFAULT_ACCURACIES: readonly number[] = [
  0.9,
  0.95,
  0.96,
  0.97,
  0.975,
  0.98,
  0.985,
  0.99,
];

/**
 * s(f) = the smallest size whose mean validation accuracy is ≥ f, for each f of
 * `accuracies` that some group reaches, from the lowest. Among groups of that
 * size the one that is best on validation is named; its test accuracy is
 * reported and decides nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findFrontier } from "./frontier.ts";
 *
 * const group = (hidden: number, mean: number) => ({
 *   hidden, dropout: 0.2, loss: "logit-mse", parameters: hidden, bytes: 4 * hidden,
 *   compression: 1, seeds: [1], validation: { mean, low: mean, high: mean },
 *   test: { mean, low: mean, high: mean },
 * });
 * const [point] = findFrontier([group(4, 0.94), group(6, 0.96), group(8, 0.97)], [0.95, 0.99]);
 * assertEquals([point.accuracy, point.hidden], [0.95, 6]);
 * ```
 */
export function findFrontier(
  groups: StudentGroup[],
  accuracies: readonly number[] = DEFAULT_ACCURACIES,
): FrontierPoint[] {
  return sortAccuracies(accuracies).flatMap((accuracy) => {
    const best = findSmallest(groups, accuracy, {
      sizeOf: ({ parameters }) => parameters,
      validationOf: ({ validation }) => validation.mean,
    });
    if (!best) return [];
    const { seeds: _, ...point } = best;
    return [{ accuracy, ...point }];
  });
}

/**
 * The trial that is best on validation: of the seeds of the group at `point`, or
 * of all `trials` where there is no point. The first of equals.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { bestTrial } from "./frontier.ts";
 * import { openStudy } from "../study/study.ts";
 * import { listFinishedTrials } from "./trials.ts";
 *
 * using study = openStudy((await makeBarsStudy()).path);
 * const trials = listFinishedTrials(study);
 * const { dropout } = trials[0];
 * assertEquals(bestTrial(trials, { hidden: 2, dropout, loss: "logit-mse" }), trials[0]);
 * ```
 */
export function bestTrial(
  trials: FinishedTrial[],
  point?: Pick<FrontierPoint, "hidden" | "dropout" | "loss">,
): FinishedTrial {
  const candidates = point
    ? trials.filter(({ hidden, dropout, loss }) =>
      hidden === point.hidden && dropout === point.dropout &&
      nameLoss(loss) === point.loss
    )
    : trials;
  return candidates.reduce((best, trial) =>
    trial.validation.accuracy > best.validation.accuracy ? trial : best
  );
}

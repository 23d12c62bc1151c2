import { nameLoss } from "../train/losses/losses.ts";
import type { FrontierPoint } from "./result.ts";
import type { FinishedTrial } from "./trials.ts";

/**
 * The trial that is best on validation: of the seeds of the group at `point`, or
 * of all `trials` where there is no point. The first of equals.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { bestTrial } from "./best_trial.ts";
 * import { openStudy } from "./study.ts";
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

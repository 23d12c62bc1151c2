import { checkAveraging } from "./moving_average.ts";
import { checkSchedule } from "./schedule.ts";
import type { TrainingSpec } from "./train.ts";

/**
 * Throws a `RangeError` unless a run can proceed by `spec`: epochs and patience are
 * integers ≥ 1, and schedule and averaging usable.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { BARS_TRAINING } from "../../tests/core/bars.ts";
 * import { checkTraining } from "./check_training.ts";
 *
 * assertThrows(() => checkTraining({ ...BARS_TRAINING, seed: 1, epochs: 0 }), RangeError, "epochs");
 * ```
 */
export function checkTraining(spec: TrainingSpec): void {
  const { epochs, patience, schedule, averaging } = spec;
  for (const [name, value] of Object.entries({ epochs, patience })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot train: \`${name}\` must be an integer ≥ 1: current value is ${value}`,
      );
    }
  }
  checkSchedule(schedule);
  if (averaging) checkAveraging(averaging);
}

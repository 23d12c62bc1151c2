/** How the learning rate changes during training, as plain data. */
export type ScheduleSpec =
  | { kind: "constant"; rate: number }
  | { kind: "cosine"; rate: number; floor?: number; warmup?: number };

/**
 * Throws a `RangeError` unless the rate is positive and finite, the floor, a
 * share of it, from 0 to 1, and the warm-up, in steps, an integer ≥ 0.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSchedule } from "./schedule.ts";
 *
 * assertThrows(() => checkSchedule({ kind: "constant", rate: 0 }), RangeError);
 * ```
 */
export function checkSchedule(schedule: ScheduleSpec): void {
  const { rate } = schedule;
  if (!(rate > 0 && Number.isFinite(rate))) {
    throw new RangeError(
      `Cannot train: the learning rate must be > 0: current value is ${rate}`,
    );
  }
  if (schedule.kind === "constant") return;
  const { floor = 0, warmup = 0 } = schedule;
  if (!(floor >= 0 && floor <= 1)) {
    throw new RangeError(
      `Cannot train: the learning rate's floor must be from 0 to 1: current value is ${floor}`,
    );
  }
  if (!Number.isSafeInteger(warmup) || warmup < 0) {
    throw new RangeError(
      `Cannot train: the warm-up must be an integer ≥ 0: current value is ${warmup}`,
    );
  }
}

/**
 * The learning rate at `step` of `steps`, from 0.
 *
 * Constant: η. Cosine: with p the share of steps done after the warm-up,
 * η·(f + (1 − f)·(1 + cos πp)/2), falling from η to f·η (f is 0 unless given);
 * during the first `warmup` steps, a third of all at the most, it climbs in a
 * straight line to η.
 *
 * Source: Loshchilov and Hutter, "SGDR", 2017, equation 5.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { learningRateAt } from "./schedule.ts";
 *
 * const schedule = { kind: "cosine", rate: 1 } as const;
 * assertAlmostEquals(learningRateAt(schedule, 50, 100), 0.5);
 * ```
 */
export function learningRateAt(
  schedule: ScheduleSpec,
  step: number,
  steps: number,
): number {
  if (schedule.kind === "constant") return schedule.rate;
  const { rate, floor = 0 } = schedule;
  const warmup = Math.min(schedule.warmup ?? 0, Math.floor(steps / 3));
  if (step < warmup) return rate * (step + 1) / warmup;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return rate * (floor + (1 - floor) * (1 + Math.cos(Math.PI * done)) / 2);
}

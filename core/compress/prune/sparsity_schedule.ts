/** How sparsity, the share of weights that are 0, grows while a model is pruned. */
export type SparsitySchedule =
  /** s from the first round on. */
  | { kind: "constant"; sparsity: number }
  /** From `initial` to `final`, quickly first; `power` is 3 unless given. */
  | { kind: "polynomial"; initial: number; final: number; power?: number };

/**
 * Throws a `RangeError` unless `sparsity`, which errors call `name`, is in [0, 1).
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSparsity } from "./sparsity_schedule.ts";
 *
 * assertThrows(() => checkSparsity("sparsity", 1), RangeError, "current value is 1");
 * ```
 */
export function checkSparsity(name: string, sparsity: number): void {
  if (sparsity >= 0 && sparsity < 1) return;
  throw new RangeError(
    `Cannot prune: \`${name}\` must be from 0 to below 1: current value is ${sparsity}`,
  );
}

/**
 * s_t = s_f + (s_i − s_f)·(1 − t/n)^p: the sparsity after round t of n, t from 1.
 * A constant schedule has its sparsity in every round.
 *
 * The rate is high while many weights are still of no use and falls to nothing
 * towards the end. Throws a `RangeError` unless sparsities are in [0, 1), p > 0 and
 * 1 ≤ t ≤ n.
 *
 * Source: Zhu and Gupta, "To prune, or not to prune: exploring the efficacy of
 * pruning for model compression", 2017, equation 1 (p = 3).
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sparsityAt } from "./sparsity_schedule.ts";
 *
 * const schedule = { kind: "polynomial", initial: 0, final: 0.8 } as const;
 * assertAlmostEquals(sparsityAt(schedule, 1, 2), 0.7); // 0.8 − 0.8 · 0.5³
 * assertAlmostEquals(sparsityAt(schedule, 2, 2), 0.8);
 * ```
 */
export function sparsityAt(
  schedule: SparsitySchedule,
  round: number,
  rounds: number,
): number {
  if (!(Number.isInteger(round) && round >= 1 && round <= rounds)) {
    throw new RangeError(
      `Cannot prune: \`round\` must be an integer from 1 to ${rounds}: current value is ${round}`,
    );
  }
  if (schedule.kind === "constant") {
    checkSparsity("sparsity", schedule.sparsity);
    return schedule.sparsity;
  }
  const { initial, final, power = 3 } = schedule;
  checkSparsity("initial", initial);
  checkSparsity("final", final);
  if (!(power > 0 && Number.isFinite(power))) {
    throw new RangeError(
      `Cannot prune: \`power\` must be > 0: current value is ${power}`,
    );
  }
  return final + (initial - final) * (1 - round / rounds) ** power;
}

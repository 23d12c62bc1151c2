import { recipeKey } from "./candidate.ts";
import type { SearchEpoch, SearchTrial } from "./search_trials.ts";

/** Shares of a training after which trials are compared. */
const SHARES = [1 / 4, 1 / 2, 3 / 4];

/**
 * The epochs of a training of `epochs` after which trials are compared: at 1/4, 1/2
 * and 3/4 of it, the last epoch never among them.
 *
 * Successive halving with η = 2 (Jamieson and Talwalkar, "Non-stochastic best arm
 * identification and hyperparameter optimization", 2016) has rungs from 1/2ᵏ on;
 * none is earlier than 1/4 here, since deep students learn more slowly at first than
 * flat ones that they overtake, and one more is among the quantised epochs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeRungs } from "./stopping.ts";
 *
 * assertEquals(placeRungs(100), [25, 50, 75]);
 * assertEquals(placeRungs(1), []);
 * ```
 */
export function placeRungs(epochs: number): number[] {
  const rungs = SHARES.map((share) => Math.ceil(share * epochs));
  return [...new Set(rungs)].filter((rung) => rung < epochs);
}

/** When trials are compared, and how far behind one must be to be stopped. */
export interface StoppingRule {
  /** Epochs after which a trial is compared with the others, ascending. */
  rungs: number[];
  /** What its error may be above a smaller one's, as a share of that. */
  margin: number;
}

/** A trial with the epochs that it has told of. */
export interface Standing {
  trial: SearchTrial;
  epochs: SearchEpoch[];
}

/** Where a trial stood at a rung. */
interface RungScore {
  phase: SearchEpoch["phase"];
  /** Best validation accuracy of its phase up to there. */
  accuracy: number;
}

/** Where `standing` was after epoch `rung`; `undefined` before that. */
function scoreAt(
  { epochs }: Standing,
  rung: number,
): RungScore | undefined {
  const at = epochs.find(({ epoch }) => epoch === rung);
  if (!at) return undefined;
  const before = epochs.filter(({ epoch, phase }) =>
    epoch <= rung && phase === at.phase
  );
  const accuracy = Math.max(
    ...before.map(({ validation }) => validation.accuracy),
  );
  return { phase: at.phase, accuracy };
}

/**
 * Whether `rival` is no larger: by the estimates, which don't see the rate penalty,
 * so that must be no weaker either.
 */
function isNoLarger(rival: SearchTrial, trial: SearchTrial): boolean {
  return rival.estimatedBytes <= trial.estimatedBytes &&
    rival.ratePenalty >= trial.ratePenalty;
}

/**
 * The first of `rivals` that dominates `own` at epoch `rung`: no larger, and of a
 * validation error e′ with (1 + margin) · e′ < e; `undefined` where none does.
 *
 * Only trials that learn by the same loss are compared, so that the baselines
 * without a teacher run to their end, and never two seeds of one recipe, so that
 * an interval over seeds isn't made of the lucky ones.
 *
 * Source: asynchronous successive halving compares a trial at a rung with what
 * has reached it so far, without waiting for the rest (Li et al., "A system for
 * massively parallel hyperparameter tuning", 2020); with two objectives it keeps
 * what none dominates (Schmucker et al., "Multi-objective asynchronous successive
 * halving", 2021). Here no fixed share is dropped: only what is dominated.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findDominating, type Standing } from "./stopping.ts";
 *
 * const standing = (id: number, estimatedBytes: number, accuracy: number): Standing => {
 *   const score = { loss: 1, accuracy };
 *   return {
 *     trial: {
 *       ...{ id, layers: `dense ${id}`, bits: 4, ratePenalty: 0, seed: 1 },
 *       ...{ loss: { kind: "logit-mse" }, parameters: 9, estimatedBytes },
 *       ...{ state: "planned", error: "" },
 *     },
 *     epochs: [{ epoch: 1, phase: "float", training: score, validation: score }],
 *   };
 * };
 * const [small, large] = [standing(1, 300, 0.9), standing(2, 400, 0.8)];
 * assertEquals(findDominating(large, [small], 1, 0.25), small);
 * assertEquals(findDominating(small, [large], 1, 0.25), undefined);
 * ```
 */
export function findDominating(
  own: Standing,
  rivals: readonly Standing[],
  rung: number,
  margin: number,
): Standing | undefined {
  const score = scoreAt(own, rung);
  if (!score) return undefined;
  const { trial } = own;
  return rivals.find((rival) => {
    const theirs = scoreAt(rival, rung);
    return theirs !== undefined && theirs.phase === score.phase &&
      rival.trial.state !== "failed" &&
      rival.trial.loss.kind === trial.loss.kind &&
      recipeKey(rival.trial) !== recipeKey(trial) &&
      isNoLarger(rival.trial, trial) &&
      (1 + margin) * (1 - theirs.accuracy) < 1 - score.accuracy;
  });
}

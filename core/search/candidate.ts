import {
  checkLoss,
  formatLoss,
  type LossSpec,
} from "../train/losses/losses.ts";

/** A compact student to try, as plain data: a recipe and a seed. */
export interface Candidate {
  /** Its layers, as the text that `parseLayers` reads. */
  layers: string;
  /** Bits of each weight from the middle of its training on. */
  bits: number;
  /** λ of the penalty on the coded size; 0 for none. */
  ratePenalty: number;
  /** What it learns by; cross-entropy is labels only, without a teacher. */
  loss: LossSpec;
  /** Decides weights, order and augmentation. */
  seed: number;
}

/** A candidate but for its seed. */
export type Recipe = Omit<Candidate, "seed">;

/** What `candidate` is but for its seed. */
export function recipeOf(
  { layers, bits, ratePenalty, loss }: Recipe,
): Recipe {
  return { layers, bits, ratePenalty, loss };
}

/** Same text for equal recipes, and for no others. */
export function recipeKey(
  { layers, bits, ratePenalty, loss }: Recipe,
): string {
  return JSON.stringify([layers, bits, ratePenalty, formatLoss(loss)]);
}

/** A grid of compact students: every combination of the five lists. */
export interface CandidateSpace {
  /** Layers, as the text that `parseLayers` reads. */
  layers: string[];
  /** Bits of each weight, 1 to 8. */
  bits: number[];
  /** λ of the penalty on the coded size, each ≥ 0. */
  ratePenalty: number[];
  /** What students learn by. */
  losses: LossSpec[];
  /** Each decides weights, order and augmentation. */
  seeds: number[];
}

/** Most bits of a weight. */
export const MAX_BITS = 8;

/**
 * Every candidate of `space`, each once, layers without spaces: all recipes of the
 * first seed, then all of the next.
 *
 * Throws a `RangeError` where bits, a penalty, a loss or a seed are out of range.
 * Layers are checked by what builds them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listCandidates } from "./candidate.ts";
 *
 * const candidates = listCandidates({
 *   layers: ["pool2, dense6", "pool2,dense6"],
 *   bits: [3, 4],
 *   ratePenalty: [0],
 *   losses: [{ kind: "logit-mse" }],
 *   seeds: [1, 2],
 * });
 * assertEquals(candidates.map(({ bits, seed }) => [bits, seed]), [[3, 1], [4, 1], [3, 2], [4, 2]]);
 * ```
 */
export function listCandidates(space: CandidateSpace): Candidate[] {
  for (const bits of space.bits) {
    if (!Number.isInteger(bits) || bits < 1 || bits > MAX_BITS) {
      throw new RangeError(
        `Cannot search: bits must be integers from 1 to ${MAX_BITS}: current value is ${bits}`,
      );
    }
  }
  for (const penalty of space.ratePenalty) {
    if (!(penalty >= 0 && penalty < Infinity)) {
      throw new RangeError(
        `Cannot search: rate penalties must be ≥ 0: current value is ${penalty}`,
      );
    }
  }
  space.losses.forEach(checkLoss);
  for (const seed of space.seeds) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `Cannot search: seeds must be integers from 0 to ${Number.MAX_SAFE_INTEGER}: current value is ${seed}`,
      );
    }
  }
  const candidates = space.seeds.flatMap((seed) =>
    space.losses.flatMap((loss) =>
      space.ratePenalty.flatMap((ratePenalty) =>
        space.bits.flatMap((bits) =>
          space.layers.map((layers) => ({
            layers: layers.replaceAll(/\s/g, ""),
            bits,
            ratePenalty,
            loss,
            seed,
          }))
        )
      )
    )
  );
  const byKey = new Map(
    candidates.map((each) => [`${each.seed} ${recipeKey(each)}`, each]),
  );
  return [...byKey.values()];
}

import { estimateMean } from "../sweep/estimate.ts";
import type { Estimate } from "../sweep/result.ts";
import type {
  CompactResult,
  RecipeGroup,
  RecipeResult,
} from "./search_result.ts";

/** Same text for results of equal recipes, and for no others. */
function keyOf({ layers, bits, ratePenalty, loss }: RecipeResult): string {
  return JSON.stringify([layers, bits, ratePenalty, loss]);
}

/** The mean of shares; its interval ends where shares do, at 0 and 1. */
function estimateShare(shares: number[]): Estimate {
  const { mean, low, high } = estimateMean(shares);
  return { mean, low: Math.max(0, low), high: Math.min(1, high) };
}

/**
 * `trials` by all but their seed, from the smallest mean file: means with 95%
 * intervals over seeds. Recipes of which a seed is among `unfinished` are left
 * out: a mean without its worst seeds would be too good.
 */
export function groupRecipes(
  trials: readonly CompactResult[],
  unfinished: readonly RecipeResult[],
): RecipeGroup[] {
  const incomplete = new Set(unfinished.map(keyOf));
  const whole = trials.filter((trial) => !incomplete.has(keyOf(trial)));
  return [...Map.groupBy(whole, keyOf).values()].map((members) => {
    const [{ layers, bits, ratePenalty, loss, parameters }] = members;
    const bytes = estimateMean(members.map((each) => each.bytes));
    const accuracies = members.map(({ accuracy }) => accuracy);
    return {
      ...{ layers, bits, ratePenalty, loss, parameters },
      seeds: members.map(({ seed }) => seed),
      bytes: { ...bytes, low: Math.max(0, bytes.low) },
      validation: estimateShare(accuracies.map((each) => each.validation)),
      test: estimateShare(accuracies.map(({ test }) => test)),
    };
  }).toSorted((a, b) => a.bytes.mean - b.bytes.mean);
}

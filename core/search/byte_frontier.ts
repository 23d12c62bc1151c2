import { estimateMean, groupSeeds } from "../study/estimate.ts";
import { findSmallest, sortAccuracies } from "../study/find_smallest.ts";
import type {
  ByteFrontierPoint,
  CompactResult,
  RecipeGroup,
  RecipeResult,
} from "./search_result.ts";

/** Same text for results of equal recipes, and for no others. */
function keyOf({ layers, bits, ratePenalty, loss }: RecipeResult): string {
  return JSON.stringify([layers, bits, ratePenalty, loss]);
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
  return groupSeeds(whole, keyOf).map((
    { members, seeds, validation, test },
  ): RecipeGroup => {
    const [{ layers, bits, ratePenalty, loss, parameters }] = members;
    const bytes = estimateMean(members.map((each) => each.bytes));
    return {
      layers,
      bits,
      ratePenalty,
      loss,
      parameters,
      seeds,
      bytes: { ...bytes, low: Math.max(0, bytes.low) },
      validation,
      test,
    };
  }).toSorted((a, b) => a.bytes.mean - b.bytes.mean);
}

/** Accuracies that s(f) in bytes is given for unless told otherwise. */
export const BYTE_ACCURACIES: readonly number[] = [
  0.9,
  0.95,
  0.97,
  0.98,
  0.985,
  0.99,
  0.992,
  0.994,
];

/**
 * s(f) in file bytes, for each f of `accuracies` that some file reaches, from the
 * lowest: the smallest file whose own validation accuracy is ≥ f, and the recipe
 * of the smallest mean length whose mean validation accuracy over its seeds is.
 * Of equal sizes the one that is better on validation. Test accuracies decide
 * nothing.
 *
 * A file is what can be shipped; a recipe is what can be expected when it is
 * trained again. Throws a `RangeError` for an accuracy that is no share above 0 and
 * below 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findByteFrontier } from "./byte_frontier.ts";
 *
 * const file = (bytes: number, validation: number) => ({
 *   ...{ layers: "dense 10", bits: 4, ratePenalty: 0, loss: "logit-mse", parameters: 9, seed: 1 },
 *   ...{ trial: 1, bytes, compression: 1, accuracy: { validation, test: validation }, seconds: 1 },
 * });
 * const [point] = findByteFrontier([file(300, 0.94), file(400, 0.96), file(500, 0.97)], [], [0.95, 0.99]);
 * assertEquals([point.accuracy, point.file.bytes, point.recipe], [0.95, 400, null]);
 * ```
 */
export function findByteFrontier(
  files: readonly CompactResult[],
  recipes: readonly RecipeGroup[],
  accuracies: readonly number[] = BYTE_ACCURACIES,
): ByteFrontierPoint[] {
  return sortAccuracies(accuracies).flatMap((accuracy) => {
    const file = findSmallest(files, accuracy, {
      sizeOf: ({ bytes }) => bytes,
      validationOf: (each) => each.accuracy.validation,
    });
    const recipe = findSmallest(recipes, accuracy, {
      sizeOf: ({ bytes }) => bytes.mean,
      validationOf: ({ validation }) => validation.mean,
    });
    return file ? [{ accuracy, file, recipe: recipe ?? null }] : [];
  });
}

import { checkAccuracy } from "../sweep/frontier.ts";
import type {
  ByteFrontierPoint,
  CompactResult,
  RecipeGroup,
} from "./search_result.ts";

/** Accuracies that s(f) in bytes is given for unless told otherwise. */
export const BYTE_ACCURACIES: readonly number[] = [
  ...[0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.992, 0.994],
];

/** Far below one image in any validation set: what a mean over seeds may lose. */
const ROUNDING = 1e-9;

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
  accuracies.forEach(checkAccuracy);
  return accuracies.toSorted((a, b) => a - b).flatMap((accuracy) => {
    const [file] = files
      .filter((each) => each.accuracy.validation >= accuracy - ROUNDING)
      .toSorted((a, b) =>
        a.bytes - b.bytes || b.accuracy.validation - a.accuracy.validation
      );
    const [recipe] = recipes
      .filter(({ validation }) => validation.mean >= accuracy - ROUNDING)
      .toSorted((a, b) =>
        a.bytes.mean - b.bytes.mean || b.validation.mean - a.validation.mean
      );
    return file ? [{ accuracy, file, recipe: recipe ?? null }] : [];
  });
}

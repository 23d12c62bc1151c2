/** Far below one image in any validation set: what a mean over seeds may lose. */
const ROUNDING = 1e-9;

/**
 * `accuracies` from the lowest. Throws a `RangeError` unless each is a share above 0
 * and below 1.
 */
export function sortAccuracies(accuracies: readonly number[]): number[] {
  for (const accuracy of accuracies) {
    if (!(accuracy > 0 && accuracy < 1)) {
      throw new RangeError(
        `Cannot find the smallest model: the accuracy must be > 0 and < 1: current value is ${accuracy}`,
      );
    }
  }
  return accuracies.toSorted((a, b) => a - b);
}

/**
 * The smallest of `models` whose validation accuracy is at least `accuracy`, and of
 * those of its size the best on validation; `undefined` where none is. Test
 * accuracies decide nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findSmallest } from "./find_smallest.ts";
 *
 * const models = [[9, 0.95], [7, 0.95], [7, 0.96], [5, 0.9]];
 * const smallest = findSmallest(models, 0.95, {
 *   sizeOf: ([size]) => size,
 *   validationOf: ([, validation]) => validation,
 * });
 * assertEquals(smallest, [7, 0.96]);
 * ```
 */
export function findSmallest<Model>(
  models: readonly Model[],
  accuracy: number,
  { sizeOf, validationOf }: {
    sizeOf: (model: Model) => number;
    validationOf: (model: Model) => number;
  },
): Model | undefined {
  return models
    .filter((model) => validationOf(model) >= accuracy - ROUNDING)
    .toSorted((a, b) =>
      sizeOf(a) - sizeOf(b) || validationOf(b) - validationOf(a)
    ).at(0);
}

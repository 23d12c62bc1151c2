import type { SplitDataset } from "../core/data/split.ts";
import type { StudyResult } from "../core/sweep/result.ts";

/** Names and hashes in one order. */
function describe(sha256: Record<string, string>): string {
  return JSON.stringify(Object.entries(sha256).toSorted());
}

/**
 * Throws an `Error` unless each of `studies` was made with the files, and as many
 * images in each part, of `dataset`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { makeBars } from "../tests/core/bars.ts";
 * import { assertSameData } from "./assert_same_data.ts";
 *
 * const study = { study: "digits", dataset: { name: "mnist", sha256: {}, train: 55_000, validation: 5_000, test: 10_000 } };
 * assertThrows(() => assertSameData([study], makeBars()), Error, "with bars");
 * ```
 */
export function assertSameData(
  studies: readonly Pick<StudyResult, "study" | "dataset">[],
  { name, sha256, train, validation, test }: SplitDataset,
): void {
  for (const { study, dataset } of studies) {
    const same = describe(dataset.sha256) === describe(sha256) &&
      dataset.train === train.count &&
      dataset.validation === validation.count && dataset.test === test.count;
    if (same) continue;
    throw new Error(
      `Cannot make a site of the study ${study}: it must have been made with ${name}, divided as the teacher's was: it was made with ${dataset.name}; pass its data and its teacher with --data and --teacher`,
    );
  }
}

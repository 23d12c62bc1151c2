// Apart from the frontier, which pages and their server load: intervals take a library.
import { groupSeeds } from "../study/estimate.ts";
import type { StudentGroup, StudentResult } from "./result.ts";

/**
 * Students grouped by all but their seed, from the smallest: mean accuracies
 * with 95% intervals over seeds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupStudents } from "./group_students.ts";
 *
 * const student = {
 *   ...{ hidden: 6, dropout: 0.2, loss: "logit-mse", seed: 1, seconds: 1 },
 *   ...{ parameters: 74_188, bytes: 296_752, compression: 16.17 },
 *   accuracy: { validation: 0.5, test: 0.25 },
 * };
 * const [group] = groupStudents([student, { ...student, seed: 2 }]);
 * assertEquals(group.seeds, [1, 2]);
 * assertEquals(group.test, { mean: 0.25, low: 0.25, high: 0.25 });
 * ```
 */
export function groupStudents(students: StudentResult[]): StudentGroup[] {
  return groupSeeds(
    students,
    ({ hidden, dropout, loss }) => JSON.stringify([hidden, dropout, loss]),
  ).map(({ members, seeds, validation, test }): StudentGroup => {
    const [{ hidden, dropout, loss, parameters, bytes, compression }] = members;
    return {
      hidden,
      dropout,
      loss,
      parameters,
      bytes,
      compression,
      seeds,
      validation,
      test,
    };
  }).toSorted((a, b) => a.parameters - b.parameters);
}

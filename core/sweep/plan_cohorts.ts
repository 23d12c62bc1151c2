import type { StudentConfig } from "../distill/student_config.ts";

/** Bytes that one worker's weights, gradients and accumulators may take. */
const COHORT_BYTES = 512 * 2 ** 20;
/** Copies of the weights alive at once in a training step. */
const COPIES = 12;
const FLOAT_BYTES = 4;

/**
 * Groups students into cohorts: those with equal dropout, loss and seed are
 * trained in one pass, as many as fit `COHORT_BYTES` with `width` features.
 * The largest cohorts come first, so that workers end together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planCohorts } from "./plan_cohorts.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const students = [1, 6].flatMap((hidden) =>
 *   [1, 2].map((seed) => ({ hidden, dropout: 0.2, loss, seed }))
 * );
 * assertEquals(planCohorts(students, 9216).map((cohort) => cohort.length), [2, 2]);
 * ```
 */
export function planCohorts<Student extends StudentConfig>(
  students: Student[],
  width: number,
): Student[][] {
  const most = Math.max(
    1,
    Math.floor(COHORT_BYTES / (width * FLOAT_BYTES * COPIES)),
  );
  const groups = Map.groupBy(
    students,
    ({ dropout, loss, seed }) => JSON.stringify([dropout, loss, seed]),
  );
  const cohorts = [...groups.values()].flatMap((group) => {
    const parts: Student[][] = [[]];
    for (const student of group) {
      const last = parts[parts.length - 1];
      if (last.length > 0 && countUnits(last) + student.hidden > most) {
        parts.push([student]);
      } else last.push(student);
    }
    return parts;
  });
  return cohorts.toSorted((a, b) => countUnits(b) - countUnits(a));
}

function countUnits(students: StudentConfig[]): number {
  return students.reduce((sum, { hidden }) => sum + hidden, 0);
}

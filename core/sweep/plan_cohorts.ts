import type { BackendChoice } from "../device/select_backend.ts";
import { type CohortSetting, measureMemory } from "../distill/cohort_memory.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { balanceCohorts } from "./balance_cohorts.ts";
import type { CohortLimits } from "./cohort_limits.ts";

/** What cohorts are planned for. */
export interface CohortPlanOptions extends CohortSetting {
  /** What each may take. */
  limits: CohortLimits;
  /** Cohorts trained at a time; see {@linkcode workersToPlanFor}. */
  workers: number;
}

/**
 * How many workers cohorts are cut for on `backend`, however many there are: 2, and 1 on
 * WebGPU, where cohorts take turns. Which students share a pass decides in what order
 * kernels add, and so how sums are rounded: a plan that followed the machine's cores
 * would make a study's last digits do so too. More than two workers find enough
 * cohorts in a plan for two, unless it is of one seed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { workersToPlanFor } from "./plan_cohorts.ts";
 *
 * assertEquals([workersToPlanFor("wasm"), workersToPlanFor("webgpu")], [2, 1]);
 * ```
 */
export function workersToPlanFor(backend: BackendChoice): number {
  return backend === "webgpu" ? 1 : 2;
}

/** Whether `cohort` takes no more than `limits`. */
export function fitsLimits(
  cohort: StudentConfig[],
  { limits, ...setting }: CohortSetting & { limits: CohortLimits },
): boolean {
  const { bytes, largest } = measureMemory(cohort, setting);
  return bytes <= limits.bytes && largest <= limits.largest;
}

/**
 * Groups students into cohorts: those with equal seed and dropout, whatever their
 * width and loss, are trained in one pass, as many as fit `limits`. Then cohorts are
 * cut in two where that keeps all workers busy. The largest cohorts come first,
 * so that workers end together.
 *
 * Seeds and dropouts could share a cohort, but nothing is won by it: each would
 * still read its own batches and multiply by its own weights, one after another,
 * in the time that cohorts of their own take, and fewer workers could share them.
 *
 * Every student is in one cohort; one that takes more than `limits` by itself is
 * alone in its own.
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
 * const cohorts = planCohorts(students, {
 *   width: 9216,
 *   classes: 10,
 *   training: { batchSize: 128, optimiser: { kind: "adam" } },
 *   limits: { bytes: 2 ** 30, largest: 2 ** 30 },
 *   workers: 2,
 * });
 * assertEquals(cohorts.map((cohort) => cohort.length), [2, 2]);
 * ```
 */
export function planCohorts<Student extends StudentConfig>(
  students: Student[],
  { workers, ...setting }: CohortPlanOptions,
): Student[][] {
  const groups = Map.groupBy(
    students,
    ({ dropout, seed }) => `${seed} ${dropout}`,
  );
  const cohorts = [...groups.values()].flatMap((group) => {
    const parts: Student[][] = [[]];
    for (const student of group) {
      const last = parts[parts.length - 1];
      if (last.length > 0 && !fitsLimits([...last, student], setting)) {
        parts.push([student]);
      } else last.push(student);
    }
    return parts;
  });
  return balanceCohorts(cohorts, workers);
}

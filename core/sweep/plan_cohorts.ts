import { describeAdapter, requestAdapter } from "../device/adapter.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { type CohortSetting, measureMemory } from "../distill/cohort_memory.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import type { Study } from "../study/study.ts";
import { listTrials, type Trial } from "./trials.ts";

/** What a cohort may take. */
export interface CohortLimits {
  /** Bytes of all its tensors at a time; see {@linkcode measureMemory}. */
  bytes: number;
  /** Bytes of one tensor. */
  largest: number;
}

/**
 * A quarter of the largest heap that WebAssembly can have, so that workers side by
 * side fit a small machine; it is room for some 3,500 hidden units on MNIST.
 */
const BYTES = 2 ** 30;

/**
 * What a cohort may take on `backend`: 1 GiB a worker, and on WebGPU no tensor
 * larger than the adapter lets a shader bind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cohortLimits } from "./plan_cohorts.ts";
 *
 * assertEquals((await cohortLimits("wasm")).bytes, 2 ** 30);
 * ```
 */
export async function cohortLimits(
  backend: BackendChoice,
): Promise<CohortLimits> {
  const adapter = backend === "webgpu" ? await requestAdapter() : null;
  if (!adapter) return { bytes: BYTES, largest: BYTES };
  const { limits } = describeAdapter(adapter);
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const largest = Math.min(BYTES, maxBufferSize, maxStorageBufferBindingSize);
  return { bytes: BYTES, largest };
}

/**
 * What a step costs whatever its cohort's width, in hidden units: choosing, reading
 * and dropping features takes as long as training this many units on them.
 */
export const STEP_UNITS = 50;

/** A cut must shorten the whole by this share. */
const LEAST_GAIN = 0.05;

/** Hidden units of `students`. */
export function unitsOf(students: StudentConfig[]): number {
  return students.reduce((sum, { hidden }) => sum + hidden, 0);
}

/** What each worker gets to do when each takes the next largest once it is free. */
export function loadWorkers(
  cohorts: StudentConfig[][],
  workers: number,
): number[] {
  const loads = new Array<number>(Math.max(1, workers)).fill(0);
  const costs = cohorts.map((cohort) => STEP_UNITS + unitsOf(cohort));
  for (const cost of costs.toSorted((a, b) => b - a)) {
    loads[loads.indexOf(Math.min(...loads))] += cost;
  }
  return loads;
}

/** Two parts of `cohort` with about equally many units, each in its order. */
function halve<Student extends StudentConfig>(cohort: Student[]): Student[][] {
  const widest = [...cohort].sort((a, b) => b.hidden - a.hidden);
  const parts: [Set<Student>, Set<Student>] = [new Set(), new Set()];
  for (const student of widest) {
    const [a, b] = parts.map((part) => unitsOf([...part]));
    parts[a <= b ? 0 : 1].add(student);
  }
  return parts.map((part) => cohort.filter((student) => part.has(student)));
}

/** The plan with its largest cohort cut in two, the largest first. */
function cutLargest<Student extends StudentConfig>(
  [largest, ...rest]: Student[][],
): Student[][] {
  if (!largest || largest.length < 2) return [largest, ...rest];
  return [...halve(largest), ...rest]
    .sort((a, b) => unitsOf(b) - unitsOf(a));
}

/**
 * The cohorts, the largest first, as many of them cut in two as lets `workers`
 * workers be done the soonest.
 */
export function balanceCohorts<Student extends StudentConfig>(
  cohorts: Student[][],
  workers: number,
): Student[][] {
  let best = cohorts.toSorted((a, b) => unitsOf(b) - unitsOf(a));
  if (cohorts.length === 0) return best;
  const time = (plan: Student[][]) => Math.max(...loadWorkers(plan, workers));
  let plan = best;
  for (let cut = 0; cut < 2 * workers; cut++) {
    plan = cutLargest(plan);
    if (time(plan) <= (1 - LEAST_GAIN) * time(best)) best = plan;
  }
  return best;
}

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

/** Where a study keeps the cohorts that it has planned, by the numbers of their trials. */
const KEY = "cohorts";

function isPlan(value: unknown): value is number[][] {
  return Array.isArray(value) && value.every(Array.isArray);
}

/** The cohorts planned before; none, with a word, where they aren't what was written. */
function readPlan(
  study: Study,
  onNote?: (note: string) => void,
): number[][] {
  try {
    const plan = study.readSetting(KEY);
    return isPlan(plan) ? plan : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onNote?.(`cohorts are planned anew: ${error.message}`);
    return [];
  }
}

/**
 * Cohorts of the trials of `study` that are planned and not done. Where a study goes on
 * that was stopped, they are those that it has planned before, so that it ends with
 * the numbers that it would have had without the stop; trials that are new, or whose
 * cohort is partly done or no longer fits, are planned among themselves.
 */
export function planUnfinished(
  study: Study,
  options: CohortPlanOptions,
  onNote?: (note: string) => void,
): Trial[][] {
  const planned = new Map(
    listTrials(study).filter(({ state }) => state === "planned")
      .map((trial) => [trial.id, trial]),
  );
  const kept = readPlan(study, onNote).flatMap((ids) => {
    const cohort = ids.flatMap((id) => planned.get(id) ?? []);
    if (cohort.length === 0 || cohort.length < ids.length) return [];
    if (cohort.length > 1 && !fitsLimits(cohort, options)) return [];
    ids.forEach((id) => planned.delete(id));
    return [cohort];
  });
  const cohorts = [...kept, ...planCohorts([...planned.values()], options)];
  if (cohorts.length > 0) {
    study.writeSetting(KEY, cohorts.map((each) => each.map(({ id }) => id)));
  }
  return cohorts;
}

/** Forgets which trials were planned together: all of them are over. */
export function forgetPlan(study: Study): void {
  study.forgetSetting(KEY);
}

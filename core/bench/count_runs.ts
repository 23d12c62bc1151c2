import type { OnRun } from "./measure_items.ts";
import type { BenchOptions } from "./run_bench.ts";
import {
  cohortItems,
  SHARED_WORK,
  STUDENT_STEPS,
  type WorkChoice,
} from "./work.ts";

/** Items of a work, and whether only Retort, or only stock tfjs, is asked for them. */
function itemCount(work: WorkChoice): [items: number, system?: string] {
  switch (work) {
    case "cohort":
      return [cohortItems().length, "retort"];
    case "capacity":
      return [0];
    case "sweep":
      return [STUDENT_STEPS.length, "tfjs"];
    case "compact":
      return [2];
    default:
      return [SHARED_WORK[work].length];
  }
}

/**
 * Counts runs as they begin, for progress: of each item on each system the least
 * that there will be, so that slow and fast ones count alike.
 */
export function countRuns(
  { works, systems, repetitions, onProgress }: BenchOptions,
): { onRun: OnRun; tell: (detail: string) => void } {
  const each = repetitions.least + 1;
  const pairs = works.reduce((sum, work) => {
    const [items, only] = itemCount(work);
    const asked = systems.filter(({ name }) => !only || name === only);
    return sum + items * asked.length;
  }, systems.length);
  const total = pairs * each;
  const begun = new Map<string, number>();
  let done = 0;
  const tell = (detail: string) => onProgress?.({ done, total, detail });
  return {
    tell,
    onRun(system, { task }) {
      const key = JSON.stringify([system, task]);
      const count = (begun.get(key) ?? 0) + 1;
      begun.set(key, count);
      tell(`${task.work}, ${system.name} on ${system.backend}`);
      if (count <= each) done++;
    },
  };
}

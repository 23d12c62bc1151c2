import type { OnRun } from "./measure_items.ts";
import type { BenchOptions } from "./run_bench.ts";
import { listCompactSystems, type System } from "./system.ts";
import {
  cohortItems,
  COMPACT_ITEMS,
  SHARED_WORK,
  STUDENT_STEPS,
  type WorkChoice,
} from "./work.ts";

/** How many runs of different items on different systems a work asks for. */
function pairCount(work: WorkChoice, systems: readonly System[]): number {
  const named = (wanted: string) =>
    systems.filter(({ name }) => name === wanted).length;
  switch (work) {
    case "cohort":
      return cohortItems().length * named("retort");
    case "capacity":
      return 0;
    case "sweep":
      return STUDENT_STEPS.length * named("tfjs");
    case "compact":
      return COMPACT_ITEMS * listCompactSystems(systems).length;
    default:
      return SHARED_WORK[work].length * systems.length;
  }
}

/**
 * Counts runs as they begin, for progress: of each item on each system the least
 * that there will be, so that slow and fast ones count alike. The products of
 * matrices by which native systems are judged count once.
 */
export function countRuns(
  { works, systems, repetitions, onProgress }: BenchOptions,
): { onRun: OnRun; tell: (detail: string) => void } {
  const each = repetitions.least + 1;
  const pairs = works.reduce(
    (sum, work) => sum + pairCount(work, systems),
    systems.length,
  );
  const total = pairs * each;
  const begun = new Map<string, number>();
  let done = 0;
  const tell = (detail: string) => onProgress?.({ done, total, detail });
  return {
    tell,
    onRun({ name, backend }, { task }) {
      const key = JSON.stringify([name, backend, task]);
      const count = (begun.get(key) ?? 0) + 1;
      begun.set(key, count);
      tell(`${task.work}, ${name} on ${backend}`);
      if (count <= each) done++;
    },
  };
}

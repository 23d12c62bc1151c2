import type { StudentConfig } from "../core/distill/student_config.ts";
import { startPeer } from "./peer_process.ts";
import { summariseRuns } from "./summarise_runs.ts";
import type { BenchBackend, System } from "./system.ts";
import { STUDENT_HIDDEN } from "./task.ts";
import { cohortTask } from "./work.ts";

/** How many students train in one cohort before a step gets slower. */
export interface Capacity {
  backend: BenchBackend;
  /** The most, of the sizes tried, whose step takes less than twice that of one. */
  students: number;
  /** Each size tried, with its step's median in ms; the last is the first slower one, if any. */
  steps: { students: number; median_ms: number }[];
}

/** Runs of each size that count; one more prepares. */
const RUNS = 3;
/** No more students than this, whatever a step takes: more exceed a cohort's memory. */
const MOST_STUDENTS = 512;

/** Students of one seed, who share their batches: what a cohort saves most on. */
function students(count: number): StudentConfig[] {
  return Array.from({ length: count }, () => ({
    hidden: STUDENT_HIDDEN,
    dropout: 0.2,
    loss: { kind: "logit-mse" },
    seed: 1,
  }));
}

/**
 * Doubles a cohort of 6-unit students on `system`, Retort on one of its backends,
 * until its step takes twice as long as that of one student.
 *
 * Throws an `Error` where the system can't compute.
 */
export async function measureCapacity(
  system: System,
  { onSize, signal }: {
    onSize?: (students: number) => void;
    signal?: AbortSignal;
  } = {},
): Promise<Capacity> {
  await using peer = await startPeer(system);
  const steps: Capacity["steps"] = [];
  let within = 0;
  for (let size = 1; size <= MOST_STUDENTS; size *= 2) {
    onSize?.(size);
    const task = cohortTask(students(size));
    const runs = [];
    for (let run = 0; run <= RUNS; run++) {
      signal?.throwIfAborted();
      runs.push(await peer.run(task));
    }
    const { median_ms } = summariseRuns(runs.slice(1));
    steps.push({ students: size, median_ms });
    if (median_ms >= 2 * steps[0].median_ms) break;
    within = size;
  }
  return { backend: system.backend, students: within, steps };
}

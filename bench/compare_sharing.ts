import { STUDENT_TRAINING } from "../core/distill/distil_student.ts";
import { VERSION } from "../core/version.ts";
import { ALONE_HIDDEN, type Sharing } from "./measure_sharing.ts";
import type { SweepRun } from "./measure_sweep.ts";
import type { Measurement } from "./measurement.ts";
import { summariseRuns } from "./summarise_runs.ts";

/** Sweeps of equal students as one measurement. */
function sharingMeasurement(runs: SweepRun[]): Measurement {
  const [{ backend, adapter, hidden, images }] = runs;
  const summary = summariseRuns(runs.map(({ milliseconds }) => milliseconds));
  const seen = hidden.length * STUDENT_TRAINING.epochs * images;
  const peaks = runs.map(({ peakBytes }) => peakBytes ?? 0);
  return {
    work: "student-sweep",
    model: hidden.length === 1 ? `student-${ALONE_HIDDEN}` : undefined,
    batch: STUDENT_TRAINING.batchSize,
    students: hidden.length,
    system: "retort",
    version: VERSION,
    backend,
    adapter,
    ...summary,
    images_per_second: seen * 1e3 / summary.median_ms,
    gflops: null,
    matmul_fraction: null,
    peak_bytes: Math.max(...peaks) || null,
  };
}

/** A student's whole sweep by itself beside that of 36, as measurements. */
export function compareSharing({ alone, together }: Sharing): Measurement[] {
  return [sharingMeasurement(alone), sharingMeasurement([together])];
}

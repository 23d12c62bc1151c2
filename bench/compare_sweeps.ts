import { STUDENT_TRAINING } from "../core/distill/distil_student.ts";
import { VERSION } from "../core/version.ts";
import type { SweepRun } from "./measure_sweep.ts";
import type { Measurement } from "./measurement.ts";
import { STUDENT_WIDTHS } from "./work.ts";

/** A measured point: how long one step takes at a width, in ms. */
interface StepTime {
  hidden: number;
  milliseconds: number;
}

/**
 * How long a step takes at `hidden` units, in ms: straight lines between the
 * points, which ascend, and their ends beyond them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { interpolateStep } from "./compare_sweeps.ts";
 *
 * const points = [{ hidden: 1, milliseconds: 10 }, { hidden: 5, milliseconds: 30 }];
 * assertEquals([0, 2, 9].map((hidden) => interpolateStep(points, hidden)), [10, 15, 30]);
 * ```
 */
export function interpolateStep(points: StepTime[], hidden: number): number {
  const next = points.findIndex((point) => point.hidden >= hidden);
  if (next === 0) return points[0].milliseconds;
  if (next < 0) return points[points.length - 1].milliseconds;
  const [a, b] = [points[next - 1], points[next]];
  const share = (hidden - a.hidden) / (b.hidden - a.hidden);
  return a.milliseconds + share * (b.milliseconds - a.milliseconds);
}

/**
 * What it takes to train students of these widths one by one, in ms: `steps` each, at
 * the time that a step takes at its width. Validation, tests and starts are left
 * out, in favour of whom this is the time of.
 */
export function estimateOneByOne(
  points: StepTime[],
  hidden: number[],
  steps: number,
): number {
  return hidden.reduce(
    (sum, each) => sum + steps * interpolateStep(points, each),
    0,
  );
}

/** A whole sweep as a measurement: its one run, or what it would take. */
function sweepMeasurement(
  { hidden, backend, images }: SweepRun,
  milliseconds: number,
  by: Pick<
    Measurement,
    "system" | "version" | "adapter" | "runs" | "peak_bytes"
  >,
): Measurement {
  const seen = hidden.length * STUDENT_TRAINING.epochs * images;
  return {
    work: "sweep",
    batch: STUDENT_TRAINING.batchSize,
    students: hidden.length,
    backend,
    ...by,
    median_ms: milliseconds,
    min_ms: milliseconds,
    max_ms: milliseconds,
    images_per_second: seen * 1e3 / milliseconds,
    gflops: null,
    matmul_fraction: null,
  };
}

/**
 * A whole sweep beside the same students trained one by one with stock tfjs on the
 * same backend. The latter would take hours: it is the time of its step, as
 * `measured` has it for some widths, times the steps that the students take;
 * `runs` is 0 to say so. Only the sweep itself where a width wasn't measured.
 */
export function compareSweeps(
  sweep: SweepRun,
  measured: Measurement[],
): Measurement[] {
  const { backend, milliseconds, hidden, images } = sweep;
  const ours = sweepMeasurement(sweep, milliseconds, {
    system: "retort",
    version: VERSION,
    adapter: sweep.adapter,
    runs: 1,
    peak_bytes: sweep.peakBytes,
  });
  const points = STUDENT_WIDTHS.flatMap((width) =>
    measured.filter((each) =>
      each.work === "student-step" && each.backend === backend &&
      each.model === `student-${width}`
    ).map((step) => ({ hidden: width, milliseconds: step.median_ms, step }))
  );
  if (points.length < STUDENT_WIDTHS.length) return [ours];
  const { epochs, batchSize } = STUDENT_TRAINING;
  const steps = epochs * Math.ceil(images / batchSize);
  const estimate = estimateOneByOne(points, hidden, steps);
  const [{ step: { system, version, adapter, peak_bytes } }] = points;
  return [
    ours,
    sweepMeasurement(sweep, estimate, {
      system,
      version,
      adapter,
      runs: 0,
      peak_bytes,
    }),
  ];
}

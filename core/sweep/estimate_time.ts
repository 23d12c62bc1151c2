import type { Rates } from "../device/measure_rates.ts";
import type { TrainingSpec } from "../train/train.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { planCohorts } from "./plan_cohorts.ts";

/**
 * Seconds that one cohort's step takes beside its matrix products, per feature
 * of the batch: reading, dropout and the optimiser. Measured on 2 cores of an
 * AMD EPYC.
 */
const SECONDS_PER_FEATURE = 1.5e-8;
/** Share of the measured rate that whole steps reach. */
const EFFICIENCY = 0.5;

/** The work of a sweep. */
export interface SweepWork {
  students: StudentConfig[];
  training: Omit<TrainingSpec, "seed">;
  /** Images that features are still to be computed of; 0 if they are kept. */
  extract: number;
  /** Multiply-adds of the teacher for one image. */
  multiplyAdds: number;
  /** Training images. */
  images: number;
  /** Features of an image. */
  width: number;
  workers: number;
}

/**
 * Seconds that a sweep will take, roughly: a multiply-add is two operations,
 * features take one pass through the teacher, and a step takes one product
 * forward and one back for each hidden unit.
 */
export function estimateSeconds(work: SweepWork, rates: Rates): number {
  const { students, training, images, width, workers } = work;
  const cohorts = planCohorts(students, width);
  const units = students.reduce((sum, { hidden }) => sum + hidden, 0);
  const seen = training.epochs * images;
  const features = 2 * work.extract * work.multiplyAdds /
    (rates.conv2dGflops * 1e9);
  const products = 4 * seen * width * units / (rates.matMulGflops * 1e9);
  const rest = cohorts.length * seen * width * SECONDS_PER_FEATURE;
  const parallel = Math.min(workers, Math.max(1, cohorts.length));
  return features / EFFICIENCY / workers +
    (products / EFFICIENCY + rest) / parallel;
}

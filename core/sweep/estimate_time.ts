import type { Rates } from "../device/measure_rates.ts";
import type { TrainingSpec } from "../train/train.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { type CohortLimits, loadWorkers, planCohorts } from "./plan_cohorts.ts";

/** Share of the measured rate that the teacher's convolutions reach on whole batches. */
const EXTRACTION_EFFICIENCY = 0.5;
/**
 * The same of a cohort's steps: what reading, dropout and the optimiser cost, Wasm
 * about wins back by leaving out features that are 0.
 */
const TRAINING_EFFICIENCY = 1;

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
  /** Outputs of a student. */
  classes: number;
  /** What a cohort may take. */
  limits: CohortLimits;
  workers: number;
  /** Workers that cohorts are cut for. */
  plannedWorkers: number;
}

/**
 * Seconds that a sweep will take, roughly: a multiply-add is two operations,
 * features take one pass through the teacher, and a step takes one product
 * forward and one back for each hidden unit, and for `STEP_UNITS` more.
 */
export function estimateSeconds(work: SweepWork, rates: Rates): number {
  const { students, training, images, width, workers, plannedWorkers } = work;
  const cohorts = planCohorts(students, { ...work, workers: plannedWorkers });
  const load = Math.max(...loadWorkers(cohorts, workers));
  const seen = training.epochs * images;
  const features = 2 * work.extract * work.multiplyAdds /
    (rates.conv2dGflops * 1e9 * EXTRACTION_EFFICIENCY);
  const products = 4 * seen * width * load /
    (rates.matMulGflops * 1e9 * TRAINING_EFFICIENCY);
  return features / workers + products;
}

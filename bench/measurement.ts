import type { BenchBackend, SystemName } from "./system.ts";
import type { PictureForm } from "./task.ts";

/** What work is called in results. */
export type WorkName =
  | "matmul"
  | "teacher-step"
  | "feature-extraction"
  | "inference"
  | "compact-load"
  | "compact-inference"
  | `read-${PictureForm}`
  | "black-box"
  | "compact-step"
  | "student-step"
  | "cohort"
  | "student-sweep"
  | "sweep";

/** What was run, and by whom. */
export interface Subject {
  work: WorkName;
  /** Which model, where the work doesn't tell: "teacher", "student-6". */
  model?: string;
  /** Images at a time; 0 where the work has none. */
  batch: number;
  /** Students trained side by side, or one after another in a sweep. */
  students?: number;
  system: SystemName;
  backend: BenchBackend;
}

/** How long some work took. */
export interface Measurement extends Subject {
  version: string;
  /** The WebGPU adapter's or GPU's name, if it tells. */
  adapter: string | null;
  /** Runs that count; 0 for what is extrapolated from other measurements. */
  runs: number;
  /** Of a step, in ms; of all of it for a sweep; of the processor's time for reading. */
  median_ms: number;
  min_ms: number;
  max_ms: number;
  /** Images a second, each student's own counted; null where there are none. */
  images_per_second: number | null;
  /** 10⁹ multiplications and additions a second that the work needs, however it is done. */
  gflops: number | null;
  /** That over the machine's rate for matrix products. */
  matmul_fraction: number | null;
  /** The most resident memory of its process, in bytes; of all of this work's sizes. */
  peak_bytes: number | null;
  /** Whose matrix products it runs, where they aren't its own. */
  blas?: string;
  /** Threads that it computes on, where it tells. */
  threads?: number;
  /** The best rate of matrix products in its process, of a system that is judged by it. */
  own_matmul_gflops?: number;
  /** That its system computes below what the machine can, and is left out of ratios. */
  crippled?: true;
}

/** Work that a system could not do, and why. */
export interface Absence extends Subject {
  reason: string;
}

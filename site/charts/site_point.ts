import type { Estimate } from "../../core/study/estimate.ts";

/**
 * What a point of the charts stands for: students that differ in their seed only, one
 * student, one `.dram` file, a published model, the teacher.
 */
export type PointKind = "group" | "student" | "file" | "published" | "teacher";

/** A point of the charts, a row of the table. */
export interface SitePoint {
  /** Unique: `hidden-6-logit-mse-0.2`, `search-17`, `digits-99`, `published-3`, `teacher`. */
  key: string;
  kind: PointKind;
  /** What it is, in words. */
  title: string;
  /** Units of the hidden layer, where it is of the sweep. */
  hidden: number | null;
  /** Name of the loss, where it is known. */
  loss: string | null;
  /** The seeds that it is the mean of; none where unknown. */
  seeds: number[];
  /** Trainable numbers, where they are known. */
  parameters: number | null;
  /** Of a file its length; of a student the parameters as float32; else as published. */
  bytes: number;
  /** Accuracy on validation images; published models have none. */
  validation: Estimate | null;
  /** Accuracy on test images. */
  test: Estimate;
  /** The site's model that runs it, if any. */
  model: string | null;
  /** What else a reader should know. */
  note: string | null;
}

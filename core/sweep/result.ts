import type { StudyOrigin } from "../study/context.ts";
import type { Accuracy, Estimate } from "../study/estimate.ts";
import type { EpochRecord } from "../train/training_state.ts";

/** One finished student. */
export interface StudentResult {
  /** Units of its hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** Name of the loss: `logit-mse`, `cross-entropy` (labels only), `distillation(T=4,alpha=0.9)`. */
  loss: string;
  /** Seed of its weights, order and dropout. */
  seed: number;
  /** Trainable numbers, the frozen convolutions' included. */
  parameters: number;
  /** Bytes of the parameters as float32. */
  bytes: number;
  /** The teacher's parameters over this student's. */
  compression: number;
  /** At its best epoch, which validation chose. */
  accuracy: Accuracy;
  /** Share of its cohort's time: the cohort's seconds over its members. */
  seconds: number;
}

/** Students that differ in their seed only. */
export interface StudentGroup {
  /** Units of the hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** Name of the loss, as a student's. */
  loss: string;
  /** Trainable numbers of each. */
  parameters: number;
  /** Bytes of those as float32. */
  bytes: number;
  /** The teacher's parameters over theirs. */
  compression: number;
  /** One a student. */
  seeds: number[];
  /** Accuracy on validation images, over the seeds. */
  validation: Estimate;
  /** Accuracy on test images, over the seeds. */
  test: Estimate;
}

/** The smallest group whose mean validation accuracy reaches `accuracy`: s(f). */
export interface FrontierPoint extends Omit<StudentGroup, "seeds"> {
  /** The accuracy asked for, f. */
  accuracy: number;
}

/** A pair in which the smaller model is at least as accurate as the larger. */
export interface MonotoneViolation {
  /** Hidden units of the smaller model. */
  smaller: number;
  /** Hidden units of the larger model. */
  larger: number;
  /** Loss that both were trained by. */
  loss: string;
  /** Dropout rate that both were trained with. */
  dropout: number;
  /** Test accuracy of the smaller less that of the larger, ≥ 0. */
  difference: number;
  /** 95% interval of the difference, by paired bootstrap over test images. */
  interval: [number, number];
}

/** What `sweep --json` prints. */
export interface StudyResult extends StudyOrigin {
  /** Every finished student. */
  students: StudentResult[];
  /** For each accuracy that some group reaches, from the lowest. */
  frontier: FrontierPoint[];
  /**
   * Whether every larger model is more accurate than every smaller one of the
   * same loss and dropout, and the pairs against it.
   */
  monotone: { holds: boolean; violations: MonotoneViolation[] };
  /** Time spent on the study, features included. */
  seconds: number;
}

/** One student's curve over its epochs. */
export interface StudentCurve {
  /** Units of its hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** Name of the loss. */
  loss: string;
  /** Seed of its weights, order and dropout. */
  seed: number;
  /** The epoch whose weights were kept, from 1. */
  bestEpoch: number;
  /** Scores, an epoch each. */
  epochs: EpochRecord[];
}

/** What the report draws, beside the result itself. */
export interface StudyDetails {
  /** What `sweep --json` prints. */
  result: StudyResult;
  /** The students by all but their seed. */
  groups: StudentGroup[];
  /** One a student. */
  curves: StudentCurve[];
  /** Test images by true class (row) and predicted class (column), of `student`. */
  confusion: { student: StudentResult; matrix: number[][] };
  /** Trials that failed, with their message. */
  failures: {
    hidden: number;
    dropout: number;
    loss: string;
    seed: number;
    error: string;
  }[];
}

import type { EpochRecord } from "../train/training_state.ts";

/** A mean over seeds with its 95% interval; the bounds equal it for one seed. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

/** A share on the images to choose by, and on those to report. */
export interface Accuracy {
  validation: number;
  test: number;
}

/** One finished student. */
export interface StudentResult {
  hidden: number;
  dropout: number;
  /** Name of the loss: `logit-mse`, `cross-entropy` (labels only), `distillation(T=4,alpha=0.9)`. */
  loss: string;
  seed: number;
  parameters: number;
  /** Bytes of the parameters as float32. */
  bytes: number;
  /** The teacher's parameters over this student's. */
  compression: number;
  accuracy: Accuracy;
  /** Share of its cohort's time: the cohort's seconds over its members. */
  seconds: number;
}

/** Students that differ in their seed only. */
export interface StudentGroup {
  hidden: number;
  dropout: number;
  loss: string;
  parameters: number;
  bytes: number;
  compression: number;
  seeds: number[];
  validation: Estimate;
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
export interface StudyResult {
  study: string;
  dataset: {
    name: string;
    sha256: Record<string, string>;
    train: number;
    validation: number;
    test: number;
  };
  backend: { name: string; adapter: string | null };
  teacher: { parameters: number; bytes: number; accuracy: Accuracy };
  students: StudentResult[];
  /** For each accuracy that some group reaches, from the lowest. */
  frontier: FrontierPoint[];
  monotone: { holds: boolean; violations: MonotoneViolation[] };
  seconds: number;
}

/** One student's curve over its epochs. */
export interface StudentCurve {
  hidden: number;
  dropout: number;
  loss: string;
  seed: number;
  bestEpoch: number;
  epochs: EpochRecord[];
}

/** What the report draws, beside the result itself. */
export interface StudyDetails {
  result: StudyResult;
  groups: StudentGroup[];
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

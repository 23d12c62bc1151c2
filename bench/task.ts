import type { CompactConfiguration } from "../core/compress/compact/compact_configuration.ts";
import type { CompactPhase } from "../core/compress/compact/train_compact.ts";
import type { StudentConfig } from "../core/distill/student_config.ts";
import type { ModelSpec } from "../core/models/spec.ts";

/** Forms of the pictures that are read. */
export type PictureForm = "png" | "jpeg";

/** Both, in the order in which they are measured. */
export const PICTURE_FORMS: readonly PictureForm[] = ["png", "jpeg"];

/** Work to be timed, as plain data: what a peer program is asked to do. */
export type Task =
  /** The product of two `[size, size]` matrices. */
  | { work: "matmul"; size: number }
  /** The seed's teacher: forward, backward, update. */
  | { work: "teacher-step"; batch: number }
  /** The teacher's convolutions and pool, images in, features `[batch, 9216]` out. */
  | { work: "feature-extraction"; batch: number }
  /** Images in, logits `[batch, 10]` out. */
  | { work: "inference"; model: "teacher" | "student"; batch: number }
  /** A student's step with the frozen convolutions computed each time. */
  | { work: "student-step"; batch: number; hidden: number }
  /**
   * A `.dram` file's bytes made ready to classify; or some of `images` classified,
   * one batch after another: pixels `[n, 28, 28, 1]`, 0 to 255.
   */
  | {
    work: "compact-load" | "compact-inference";
    file: string;
    images: number[];
    multiplyAdds: number;
    /** How many are classified at a time, the first again behind the last; 1 unless given. */
    batch?: number;
  }
  /** A step of one part of a compact model's training, by a shipped file's recipe. */
  | {
    work: "compact-step";
    batch: number;
    spec: ModelSpec;
    configuration: CompactConfiguration;
    phase: CompactPhase;
  }
  /**
   * All pictures of the class folders in `folder` into memory, PNGs as they are, JPEGs
   * brought to 32×32×3; the time is the processor's, on all threads.
   */
  | { work: `read-${PictureForm}`; folder: string }
  /**
   * `batches` batches of images, one behind the other, through an ONNX file of a
   * network: by ONNX Runtime alone, which has their floats at hand, or as a black box,
   * which is given bytes. Timed is a batch, as the mean of these.
   */
  | {
    work: "black-box";
    network: BoxNetwork;
    batch: number;
    batches: number;
  }
  /**
   * A step of every one of these students on the teacher's features: each alone,
   * one after another; or in cohorts, as few as a sweep would plan on one worker.
   */
  | {
    work: "cohort";
    batch: number;
    students: StudentConfig[];
    alone: boolean;
  };

/** A network that a black box is measured with: the seed's, or a small one. */
export type BoxNetwork = "teacher" | "small";

/** Units of the student that `inference` runs: the seed's. */
export const STUDENT_HIDDEN = 6;

/** A peer's first line, once it can compute: what it is; or why it can't. */
export type Hello =
  | {
    version: string;
    /** The WebGPU adapter's or GPU's name, if it tells. */
    adapter: string | null;
    /** Whose matrix products it runs on the processor, where they aren't its own. */
    blas?: string;
    /** On how many threads of the processor it computes, where it tells. */
    threads?: number;
  }
  | { error: string };

/** One line from it: how long a step of the task took, in ms; or what went wrong. */
export type Answer = { milliseconds: number } | { error: string };

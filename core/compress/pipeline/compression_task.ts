import type { Examples } from "../../data/dataset.ts";
import type { LabelledImages } from "../../train/evaluate_model.ts";
import type { LossSpec } from "../../train/losses/losses.ts";

/** What a model is compressed on, as plain data. */
export interface CompressionTask {
  /** What retraining learns from, with the teacher's logits where the loss needs them. */
  training: LabelledImages;
  /** Images whose inputs tell what is constant: the training images, as they are. */
  observed: Examples;
  /** What every choice is made by. */
  validation: LabelledImages;
  /** What retraining minimises. */
  loss: LossSpec;
  /** Decides the order of batches and dropout. */
  seed: number;
  /** What the classes are called, one each. */
  labels: string[];
  /** Bytes of the teacher's parameters as float32, which compression is told against. */
  teacherBytes: number;
  /** Pixels that training images are moved at random, at the most; 0 unless given. */
  shift?: number;
}

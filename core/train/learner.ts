import type { FloatArray } from "../files/safetensors.ts";
import type * as tf from "../tf.ts";

/** How well one model does on a set of examples. */
export interface Score {
  /** Mean loss. */
  loss: number;
  /** Share of examples classified correctly, 0 to 1. */
  accuracy: number;
  /** Bytes of its file, where a run asks for the smallest that does well enough. */
  bytes?: number;
}

/** Some consecutive rows of a batch. */
export interface BatchPart {
  /** Rows of the batch before the part. */
  first: number;
  /** Rows in it. */
  count: number;
}

/** What a training step knows of its batch, for each member. */
export interface BatchOutcome {
  /**
   * Mean loss over the batch `[members]`, or what a part of the batch adds to it;
   * its sum is what gradients are of.
   */
  losses: tf.Tensor1D;
  /** Examples of the batch classified correctly `[members]`. */
  correct: tf.Tensor1D;
}

/** What one step has found out about one batch. */
export interface Gradients {
  /** ∂(Σ members' mean losses)/∂weight, one a weight, of its shape. */
  gradients: tf.Tensor[];
  /** Sums of losses and counts of correct answers over the batch: `[2, members]`. */
  outcome: tf.Tensor;
}

/**
 * What the training loop trains: one model, or several side by side in shared
 * tensors. Members never mix: each entry of each weight's last axis belongs to
 * one of them.
 */
export interface Learner {
  /** Tells it from others: a checkpoint of one is refused by another. */
  identity: string;
  /** How many models are trained side by side. */
  members: number;
  /** Weights before the first step. */
  initial: FloatArray[];
  /** For each weight, the member that each entry of its last axis belongs to. */
  owners: Int32Array<ArrayBuffer>[];
  /** How many training examples there are. */
  count: number;
  /** The seed that its dropout goes by: a run, whose seed orders examples, must have it. */
  seed?: number;
  /**
   * The learner of the members at `members`, ascending, alone: its weights are
   * this one's without the columns of the others. Where it can't be reduced, members that stop stay in.
   */
  keep?(members: number[]): Learner;
  /**
   * Feeds the examples at `batch` forward, dropout included; `step` from 0. A
   * learner that can be split feeds just the rows of `part`, if there is one.
   */
  feed(
    weights: tf.Tensor[],
    batch: Uint32Array<ArrayBuffer>,
    step: number,
    part?: BatchPart,
  ): BatchOutcome;
  /**
   * The gradient of what {@linkcode feed} gives, where it is found without tfjs's; the
   * tensors are the caller's.
   */
  differentiate?(
    weights: tf.Tensor[],
    batch: Uint32Array<ArrayBuffer>,
    step: number,
    part?: BatchPart,
  ): Gradients;
  /** Each member's score on the validation examples. */
  validate(weights: tf.Tensor[]): Promise<Score[]>;
}

import type { FloatArray } from "../../files/safetensors.ts";
import type { ModelSpec } from "../../models/spec.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import {
  type ImageTrainingOptions,
  trainImages,
} from "../../train/train_images.ts";
import type { CompressionTask } from "./compression_task.ts";
import type { Retraining } from "./stage.ts";

/** What is retrained, and how. */
export interface RetrainRequest {
  spec: ModelSpec;
  /** Weights to begin with. */
  weights: FloatArray[];
  /** What each is held to. */
  constraints: Constraint[];
  training: Retraining;
  /** Weight in the loss of the bits that levels take; 0 unless given. */
  ratePenalty?: number;
}

/** What retraining gives. */
export interface Retrained {
  /** The numbers that stand for the weights, in the order of `startVariables`. */
  variables: FloatArray[];
  /** The epoch that they are of, from 1. */
  epoch: number;
}

/**
 * Trains a model on `task` with its weights held to constraints; the epoch is the
 * best on validation. A finished checkpoint stays: with it, the same call gives the same
 * at once.
 *
 * On the current backend; throws what `train` throws.
 */
export async function retrain(
  task: CompressionTask,
  { spec, weights, constraints, training, ratePenalty }: RetrainRequest,
  options: ImageTrainingOptions = {},
): Promise<Retrained> {
  const { seed, loss, validation, shift } = task;
  const result = await trainImages(
    {
      spec,
      loss,
      seed,
      validation,
      shift,
      constraints,
      ratePenalty,
      training: task.training,
      initial: weights,
    },
    { ...training, seed },
    options,
  );
  return { variables: result.weights, epoch: result.members[0].bestEpoch };
}

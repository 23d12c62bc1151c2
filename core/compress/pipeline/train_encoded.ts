import { decodeTensor } from "../../infer/decode_tensor.ts";
import { weightShapes } from "../../models/cost.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import { encodeWeights } from "../../train/constraints/encode_weights.ts";
import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { CompressionTask } from "./compression_task.ts";
import { retrain } from "./retrain.ts";
import type { Retraining } from "./stage.ts";
import type { StageResult } from "./stage_result.ts";

/**
 * Trains a model with its weights held to `constraints` that a file can hold, and
 * encodes them: the weights of the result are the file's, to the bit. Throws what
 * `train` throws.
 */
export async function trainEncoded(
  task: CompressionTask,
  { spec, weights, masks }: MaskedModel,
  { constraints, training, ratePenalty }: {
    constraints: Constraint[];
    training: Retraining;
    ratePenalty?: number;
  },
  options: ImageTrainingOptions,
): Promise<StageResult> {
  const { variables, epoch } = await retrain(
    task,
    { spec, weights, constraints, training, ratePenalty },
    options,
  );
  const tensors = encodeWeights(constraints, weightShapes(spec), variables);
  return {
    model: { spec, masks, weights: tensors.map(decodeTensor) },
    tensors,
    epoch,
  };
}

import { weightShapes } from "../../models/cost.ts";
import type { ImageTrainingOptions } from "../../train/train_images.ts";
import { applyMasks } from "../prune/apply_masks.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { CompressionTask } from "./compression_task.ts";
import { holdMasks } from "./hold_masks.ts";
import { retrain } from "./retrain.ts";
import type { Retraining } from "./stage.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";

/**
 * Trains the weights that a model has in use, its pruned ones kept at 0. Throws
 * what `train` throws.
 */
export async function tune(
  task: CompressionTask,
  model: MaskedModel,
  training: Retraining,
  options: ImageTrainingOptions = {},
): Promise<StageResult> {
  const { spec, masks } = model;
  const constraints = holdMasks(model);
  const { variables, epoch } = await retrain(
    task,
    { spec, weights: model.weights, constraints, training },
    options,
  );
  const shapes = weightShapes(spec);
  const weights = variables.map(({ values }, i) => ({
    shape: shapes[i],
    values,
  }));
  return {
    ...keepFloats({ spec, masks, weights: applyMasks(weights, masks) }),
    epoch,
  };
}

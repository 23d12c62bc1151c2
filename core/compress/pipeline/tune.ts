import { weightShapes } from "../../models/cost.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import type { ImageTrainingOptions } from "../../train/train_images.ts";
import { applyMasks } from "../prune/apply_masks.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { CompressionTask } from "./compression_task.ts";
import { retrain } from "./retrain.ts";
import type { Retraining } from "./stage.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";

/**
 * What keeps a model's pruned weights at 0 while it is trained: a constraint a
 * weight, free where nothing is pruned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holdMasks } from "./tune.ts";
 *
 * const masks = [Uint8Array.of(1, 0), Uint8Array.of(1)];
 * assertEquals(holdMasks({ masks }), [{ kind: "mask", mask: masks[0] }, { kind: "free" }]);
 * ```
 */
export function holdMasks(
  { masks }: Pick<MaskedModel, "masks">,
): Constraint[] {
  return masks.map((mask) =>
    mask.includes(0) ? { kind: "mask", mask } : { kind: "free" }
  );
}

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

import type { ImageTrainingOptions } from "../../train/train_images.ts";
import { applyMasks } from "../prune/apply_masks.ts";
import { magnitudeMasks } from "../prune/magnitude_masks.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { sparsityAt } from "../prune/sparsity_schedule.ts";
import { checkpointOf } from "./checkpoint_of.ts";
import type { CompressionTask } from "./compression_task.ts";
import type { PruneStage } from "./stage.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";
import { tune } from "./tune.ts";

/**
 * Prunes by magnitude in rounds, with retraining after each: what was pruned stays
 * so, and the sparsity grows by the stage's schedule.
 *
 * Source: Han, Mao and Dally, "Deep Compression", 2016, section 2.
 */
export async function runPruneStage(
  task: CompressionTask,
  start: MaskedModel,
  { scope, schedule, rounds, training, last }: PruneStage,
  options: ImageTrainingOptions,
): Promise<StageResult> {
  let result = keepFloats(start);
  for (let round = 1; round <= rounds; round++) {
    const sparsity = Array.isArray(schedule)
      ? schedule
      : sparsityAt(schedule, round, rounds);
    const { spec, weights, masks: previous } = result.model;
    const masks = magnitudeMasks(weights, { sparsity, scope, previous });
    result = await tune(
      task,
      { spec, masks, weights: applyMasks(weights, masks) },
      round === rounds ? last : training,
      checkpointOf(options, round),
    );
  }
  return result;
}

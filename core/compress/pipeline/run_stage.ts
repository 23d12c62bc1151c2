import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { CompressionTask } from "./compression_task.ts";
import { runExactStage } from "./run_exact_stage.ts";
import { runPruneStage } from "./run_prune_stage.ts";
import { runQuantiseStage } from "./run_quantise_stage.ts";
import { runShareStage } from "./run_share_stage.ts";
import { runThinStage } from "./run_thin_stage.ts";
import type { Stage } from "./stage.ts";
import type { StageResult } from "./stage_result.ts";
import { tune } from "./tune.ts";

/** Does what `stage` says with `model`; throws what training throws. */
export async function runStage(
  task: CompressionTask,
  model: MaskedModel,
  stage: Stage,
  options: ImageTrainingOptions,
): Promise<StageResult> {
  switch (stage.kind) {
    case "exact":
      return await runExactStage(task, model);
    case "tune":
      return await tune(task, model, stage.training, options);
    case "thin":
      return await runThinStage(task, model, stage, options);
    case "prune":
      return await runPruneStage(task, model, stage, options);
    case "share":
      return await runShareStage(task, model, stage, options);
    case "quantise":
      return await runQuantiseStage(task, model, stage, options);
  }
}

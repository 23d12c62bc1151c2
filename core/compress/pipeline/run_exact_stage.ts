import type { MaskedModel } from "../prune/masked_model.ts";
import { observeInputs } from "../prune/observe_inputs.ts";
import { pruneExactly } from "../prune/prune_exactly.ts";
import type { CompressionTask } from "./compression_task.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";

/**
 * Prunes what costs nothing on the task's training images, by
 * {@linkcode pruneExactly}.
 */
export async function runExactStage(
  { observed }: CompressionTask,
  model: MaskedModel,
): Promise<StageResult> {
  const statistics = await observeInputs(model, observed);
  const { model: pruned, free } = pruneExactly(model, statistics);
  return { ...keepFloats(pruned), free };
}

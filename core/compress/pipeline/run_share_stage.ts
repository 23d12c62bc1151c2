import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { shareWeights } from "../share/share_weights.ts";
import type { CompressionTask } from "./compression_task.ts";
import { constrainKernels } from "./constrain_kernels.ts";
import type { ShareStage } from "./stage.ts";
import type { StageResult } from "./stage_result.ts";
import { trainEncoded } from "./train_encoded.ts";

/**
 * Lets each kernel's weights share the entries of a codebook, by k-means from
 * linearly spaced centroids, and trains the entries; pruned weights stay 0.
 *
 * Source: Han, Mao and Dally, "Deep Compression", 2016, section 3.
 */
export async function runShareStage(
  task: CompressionTask,
  model: MaskedModel,
  { sizes, biasBits, training }: ShareStage,
  options: ImageTrainingOptions,
): Promise<StageResult> {
  const constraints = constrainKernels(
    model,
    { name: "sizes", value: sizes, biasBits },
    (weight, mask, size) => shareWeights(weight, { size, mask }),
  );
  return await trainEncoded(task, model, { constraints, training }, options);
}

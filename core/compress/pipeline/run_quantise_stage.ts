import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { chooseBits } from "./choose_bits.ts";
import type { CompressionTask } from "./compression_task.ts";
import { constrainKernels } from "./constrain_kernels.ts";
import type { QuantiseStage } from "./stage.ts";
import type { StageResult } from "./stage_result.ts";
import { trainEncoded } from "./train_encoded.ts";

/** Quantises uniformly and trains the weights and step sizes; pruned weights stay 0. */
export async function runQuantiseStage(
  task: CompressionTask,
  model: MaskedModel,
  stage: QuantiseStage,
  options: ImageTrainingOptions,
): Promise<StageResult> {
  const { biasBits, perChannel, powerOfTwo, training, ratePenalty } = stage;
  const bits = await chooseBits(task, model, stage.bits, options.signal);
  const constraints = constrainKernels(
    model,
    { name: "bits", value: bits, biasBits },
    (_, mask, bits) => {
      const form = { kind: "uniform", bits, perChannel, powerOfTwo } as const;
      return mask ? { ...form, mask } : form;
    },
  );
  const request = { constraints, training, ratePenalty };
  return await trainEncoded(task, model, request, options);
}

import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { Weighed } from "../prune/thin_model.ts";
import { allocateBits } from "../quantise/allocate_bits.ts";
import {
  BITS,
  measureSensitivity,
} from "../sensitivity/measure_sensitivity.ts";
import type { CompressionTask } from "./compression_task.ts";
import { constrainKernels } from "./constrain_kernels.ts";
import type { KernelBits, QuantiseStage } from "./stage.ts";
import type { StageResult } from "./stage_result.ts";
import { trainEncoded } from "./train_encoded.ts";

/** One bit has no 0, which pruned weights need. */
const CHOICES = BITS.filter((bits) => bits > 1);

/**
 * The bits of each kernel that `bits` asks for. Under a budget they are those that
 * lose least on validation by a sensitivity analysis ({@linkcode measureSensitivity},
 * {@linkcode allocateBits}); throws a `RangeError` where it is below what two bits a
 * weight take.
 */
export async function chooseBits(
  { validation, loss }: CompressionTask,
  model: Weighed,
  bits: KernelBits,
  signal?: AbortSignal,
): Promise<number | number[]> {
  if (typeof bits === "number" || Array.isArray(bits)) return bits;
  const options = { sparsities: [], bits: CHOICES, loss, signal };
  const sensitivity = await measureSensitivity(model, validation, options);
  const chosen = allocateBits(sensitivity.bits, bits.budget);
  return chosen.map((choice) => choice.bits);
}

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

import { tfjsFiles } from "../compress/baselines/tfjs_files.ts";
import { useCpu } from "../device/cpu.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import * as tf from "../tf.ts";
import type { Exported } from "./exporter.ts";

/**
 * `model` as the files of a tfjs LayersModel, its weights in float32. On the current
 * backend, or the CPU's where there is none yet.
 */
export async function writeTfjs(
  { spec, tensors }: EncodedModel,
): Promise<Exported> {
  if (tf.engine().backendName === undefined) await useCpu();
  const weights = tensors.map(decodeTensor);
  const { json, data } = await tfjsFiles(spec, weights, "float32");
  return {
    files: [
      { name: "weights.bin", content: data },
      { name: "model.json", content: json },
    ],
    notes: [],
  };
}

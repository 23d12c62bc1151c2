import { decodeTensor } from "../../infer/decode_tensor.ts";
import * as tf from "../../tf.ts";
import {
  evaluateModel,
  type LabelledImages,
} from "../../train/evaluate_model.ts";
import type { Score } from "../../train/learner.ts";
import type { LossSpec } from "../../train/losses/losses.ts";
import { encodeDram } from "../code/encode_dram.ts";
import type { CompressionTask } from "./compression_task.ts";
import { encodedModelOf } from "./encoded_model_of.ts";
import { huffmanBytes } from "./huffman_bytes.ts";
import type { StageReport } from "./stage_report.ts";
import type { StageResult } from "./stage_result.ts";

/** Score of the very weights that the file holds. */
export async function scoreTensors(
  { model: { spec }, tensors }: StageResult,
  images: LabelledImages,
  loss?: LossSpec,
): Promise<Score> {
  const weights = tensors.map(decodeTensor).map(({ shape, values }) =>
    tf.tensor(values, shape)
  );
  try {
    return (await evaluateModel(spec, weights, images, loss)).score;
  } finally {
    tf.dispose(weights);
  }
}

/** How many times smaller a file of `bytes` is than the teacher, and than what came. */
export function compressionOf(
  bytes: number,
  { task, ownBytes }: { task: CompressionTask; ownBytes: number },
): StageReport["compression"] {
  return { teacher: task.teacherBytes / bytes, own: ownBytes / bytes };
}

/**
 * Size, sparsity and validation score of what a stage has made, of its file's
 * weights. `ownBytes` are those of the model that came, as float32.
 */
export async function measureStage(
  task: CompressionTask,
  result: StageResult,
  { stage, seconds, ownBytes }:
    & Pick<StageReport, "stage" | "seconds">
    & { ownBytes: number },
): Promise<StageReport> {
  const { epoch, free, tensors } = result;
  const encoded = encodedModelOf(result, task.labels);
  const { length: bytes } = encodeDram(encoded);
  const coded = tensors.some(({ kind }) => kind !== "float");
  let parameters = 0;
  let nonZeros = 0;
  for (const { values } of tensors.map(decodeTensor)) {
    parameters += values.length;
    nonZeros += values.filter((value) => value !== 0).length;
  }
  return {
    stage,
    parameters,
    nonZeros,
    bytes,
    seconds,
    bitsPerWeight: 8 * bytes / parameters,
    compression: compressionOf(bytes, { task, ownBytes }),
    validation: await scoreTensors(result, task.validation, task.loss),
    ...(coded ? { huffmanBytes: huffmanBytes(encoded) } : {}),
    ...(epoch === undefined ? {} : { epoch }),
    ...(free ? { free } : {}),
  };
}

import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import {
  codebookAlphabet,
  levelAlphabet,
  symbolsOf,
} from "../../infer/stream/alphabet.ts";
import { codeTensor, startTensors } from "../../infer/stream/code_tensor.ts";
import { tensorGeometries } from "../../infer/stream/tensor_geometries.ts";
import * as tf from "../../tf.ts";
import {
  evaluateModel,
  type LabelledImages,
} from "../../train/evaluate_model.ts";
import type { Score } from "../../train/learner.ts";
import type { LossSpec } from "../../train/losses/losses.ts";
import { BitMeter } from "../code/bit_meter.ts";
import { canonicalTensor } from "../code/canonical_tensor.ts";
import { listCodings } from "../code/choose_coding.ts";
import { chooseHeaders } from "../code/choose_headers.ts";
import { encodeDram } from "../code/encode_dram.ts";
import type { CompressionTask } from "./compression_task.ts";
import { encodedModelOf } from "./encoded_model_of.ts";
import type { StageReport } from "./stage_report.ts";
import type { StageResult } from "./stage_result.ts";

/**
 * Bytes of a model's tensors coded as Deep Compression was published: Huffman codes
 * of values and of the gaps between those that aren't 0, or of all values where that is
 * smaller, tables and codebooks counted; the layers and the file's frame are not.
 *
 * Source: Han, Mao and Dally, "Deep Compression", 2016, sections 2 and 4.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { huffmanBytes } from "./measure_stage.ts";
 *
 * const levels = Int8Array.from({ length: 800 }, (_, i) => i % 8 ? 0 : 1);
 * const tensor = { kind: "uniform" as const, bits: 2, scale: Float32Array.of(0.5) };
 * const bytes = huffmanBytes({
 *   spec: { name: "sparse", input: [80, 1, 1], layers: [
 *     { kind: "flatten", name: "flatten" },
 *     { kind: "dense", name: "dense", units: 10, activation: "linear" },
 *     { kind: "softmax", name: "softmax" },
 *   ] },
 *   labels: [..."0123456789"],
 *   tensors: [
 *     { ...tensor, shape: [80, 10], levels },
 *     { ...tensor, shape: [10], levels: new Int8Array(10) },
 *   ],
 * });
 * assert(bytes < 60); // a hundred gaps that are all the same
 * ```
 */
export function huffmanBytes({ spec, tensors }: EncodedModel): number {
  const geometries = tensorGeometries(spec);
  const canonical = tensors.map(canonicalTensor);
  const headers = chooseHeaders(canonical);
  let bits = 0;
  canonical.forEach((tensor, index) => {
    const geometry = geometries[index];
    const header = headers[index];
    const costOf = (
      coding?: ReturnType<typeof listCodings>[number],
    ): number => {
      const meter = new BitMeter();
      const plan = { tensor, header, coding };
      const { shape } = tensor;
      codeTensor(meter, startTensors(), { shape, geometry, plan });
      return meter.bits;
    };
    if (tensor.kind === "float") {
      bits += costOf();
      return;
    }
    const alphabet = tensor.kind === "uniform"
      ? levelAlphabet(tensor.bits)
      : codebookAlphabet(tensor.codebook);
    const symbols = symbolsOf(tensor);
    const published = listCodings({ alphabet, geometry, symbols })
      .filter(({ kind }) => kind === "huffman" || kind === "huffmanGaps");
    bits += Math.min(...published.map(costOf));
  });
  return Math.ceil(bits / 8);
}

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

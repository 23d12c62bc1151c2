import { gzipSync } from "node:zlib";
import type { Examples } from "../../data/dataset.ts";
import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { classifyParts } from "../../infer/classify_parts.ts";
import { prepareDirect } from "../../infer/load.ts";
import { scoreAnswers } from "../../infer/score_answers.ts";
import {
  TFJS_PRECISIONS,
  type TfjsFiles,
  tfjsFiles,
  type TfjsPrecision,
} from "./tfjs_files.ts";

/** A model stored the usual way: what it takes, and what it scores. */
export interface Baseline {
  /** How each weight is stored. */
  precision: TfjsPrecision;
  /** Bytes of `model.json`. */
  json: number;
  /** Bytes of `weights.bin`. */
  weights: number;
  /** Both together. */
  bytes: number;
  /** Both together, each by gzip at level 9. */
  gzipped: number;
  /** Share of images that it gets right. */
  accuracy: number;
}

/** A baseline with its files. */
export interface MeasuredBaseline extends Baseline {
  /** What a server would serve. */
  files: TfjsFiles;
}

const LEVEL = 9;

function gzippedLength(content: string | Uint8Array): number {
  return gzipSync(content, { level: LEVEL }).length;
}

/**
 * The weights of `model` in the files that tfjs itself has for them, plain and
 * gzipped, float32, float16 and 8-bit, and the accuracy of each on `examples`. On
 * the current backend. Throws a `RangeError` where the spec is unusable, or the
 * weights are not its.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../../tests/core/bars.ts";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { weightShapes } from "../../models/cost.ts";
 * import { measureBaselines } from "./measure_baselines.ts";
 *
 * await selectBackend("cpu");
 * const { test, shape, classes } = makeBars();
 * const spec = parseLayers("pool2", { input: shape, classes });
 * const tensors = weightShapes(spec).map((shape) => {
 *   const values = new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5);
 *   return { kind: "float", shape, bits: 16, values } as const;
 * });
 * const model = { spec, labels: ["stands", "lies", "leans"], tensors };
 * const [{ weights, accuracy }] = await measureBaselines(model, test);
 * assertEquals([weights, accuracy], [4 * (16 + 1) * 3, 1 / 3]);
 * ```
 */
export async function measureBaselines(
  { spec, labels, tensors }: EncodedModel,
  examples: Examples,
): Promise<MeasuredBaseline[]> {
  const weights = tensors.map(decodeTensor);
  const measured: MeasuredBaseline[] = [];
  for (const precision of TFJS_PRECISIONS) {
    const files = await tfjsFiles(spec, weights, precision);
    const json = new TextEncoder().encode(files.json).length;
    const { classify } = prepareDirect(spec, files.weights, labels);
    const answers = await classifyParts(classify, examples);
    measured.push({
      precision,
      json,
      weights: files.data.length,
      bytes: json + files.data.length,
      gzipped: gzippedLength(files.json) + gzippedLength(files.data),
      accuracy: scoreAnswers(answers, examples.labels).accuracy,
      files,
    });
  }
  return measured;
}

import type { FloatArray } from "../../files/safetensors.ts";
import { isRecord, parseJsonObject } from "../../files/json.ts";
import { buildModel } from "../../models/build_model.ts";
import { collectArtifacts } from "../../models/save_model.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { quantiseAffine } from "./quantise_affine.ts";

/** How tfjs may store a weight. */
export type TfjsPrecision = "float32" | "float16" | "uint8";

/** All of them, the largest first. */
export const TFJS_PRECISIONS: readonly TfjsPrecision[] = [
  ...["float32", "float16", "uint8"] as const,
];

/** A tfjs LayersModel as its two files. */
export interface TfjsFiles {
  /** `model.json`. */
  json: string;
  /** `weights.bin`. */
  data: Uint8Array<ArrayBuffer>;
  /** The weights as tfjs reads them back. */
  weights: FloatArray[];
}

/** One weight as stored: its bytes, what its entry says, and what is read back. */
interface Stored {
  bytes: Uint8Array<ArrayBuffer>;
  quantization?: Record<string, unknown>;
  values: Float32Array<ArrayBuffer>;
}

function store(values: Float32Array, precision: TfjsPrecision): Stored {
  const original = { original_dtype: "float32" };
  if (precision === "float32") {
    const copy = new Float32Array(values);
    return { bytes: new Uint8Array(copy.buffer), values: copy };
  }
  if (precision === "float16") {
    const halves = new Float16Array(values);
    return {
      bytes: new Uint8Array(halves.buffer),
      quantization: { dtype: precision, ...original },
      values: new Float32Array(halves),
    };
  }
  const { bytes, min, scale } = quantiseAffine(values);
  return {
    bytes,
    quantization: { dtype: precision, min, scale, ...original },
    values: Float32Array.from(bytes, (byte) => byte * scale + min),
  };
}

/**
 * `spec` with `weights` as the files of a tfjs LayersModel, each weight in
 * `precision`: as TensorFlow.js's converter writes them, and as stock tfjs loads
 * them. On the current backend. Throws a `RangeError` where the spec is unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { countParameters } from "../../models/cost.ts";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { tfjsFiles } from "./tfjs_files.ts";
 *
 * await selectBackend("cpu");
 * const spec = parseLayers("pool2,conv3x4,mean");
 * const { data } = await tfjsFiles(spec, initialWeights(spec, 1), "float16");
 * assertEquals(data.length, 2 * countParameters(spec));
 * ```
 */
export async function tfjsFiles(
  spec: ModelSpec,
  weights: FloatArray[],
  precision: TfjsPrecision,
): Promise<TfjsFiles> {
  const model = buildModel(spec, weights);
  const { json } = await collectArtifacts(model).finally(() => model.dispose());
  const description = parseJsonObject(json, "model.json");
  const stored = weights.map(({ values }) => store(values, precision));
  const groups = Array.isArray(description.weightsManifest)
    ? description.weightsManifest
    : [];
  for (const { weights: entries } of groups.filter(isRecord)) {
    if (!Array.isArray(entries)) continue;
    entries.forEach((entry: object, index) =>
      Object.assign(entry, { quantization: stored[index].quantization })
    );
  }
  const parts = await new Blob(stored.map(({ bytes }) => bytes)).arrayBuffer();
  return {
    json: JSON.stringify(description),
    data: new Uint8Array(parts),
    weights: weights.map(({ shape }, index) => ({
      shape,
      values: stored[index].values,
    })),
  };
}

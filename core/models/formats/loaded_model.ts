import { sha256Hex } from "../../data/formats/idx_file.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import type { ModelSpec } from "../spec.ts";
import type { Ending } from "./output_kind.ts";
import type { PixelScale } from "./pixel_scale.ts";

/** A row of layers as loaded: these, their weights, and what identifies it. */
export interface LoadedModel {
  /** What tells it from a black box. */
  kind: "row";
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Kernel and bias of each layer that has them, in order. */
  weights: FloatArray[];
  /** SHA-256 of the model's files together, and of `pixels`, in hexadecimal. */
  sha256: string;
  /** Bytes of the weights. */
  bytes: number;
  /** `manifest.json`, where there is one. */
  manifest?: Record<string, unknown>;
  /** What pixels it was made to read, where that was told with it; its weights hold it. */
  pixels?: PixelScale;
  /** What its own file reads, told or seen in it, where that isn't pixels divided by 255. */
  reads?: PixelScale;
  /** What its file ends in, where that is neither logits nor a softmax: these layers end before. */
  ends?: Exclude<Ending, "softmax">;
  /** What it is, where its file's name doesn't say it. */
  format?: "tfjs-graph-model";
  /** Whether it was told with it that it reads blue first; its weights hold it. */
  bgr?: true;
}

/**
 * SHA-256 of a model's files together, in hexadecimal; read by other `pixels`, or for other
 * logits than its last numbers, it is another model.
 */
export async function hashModel(
  files: readonly Uint8Array<ArrayBuffer>[],
  pixels?: PixelScale,
  ends?: LoadedModel["ends"],
): Promise<string> {
  const said = [
    ...pixels ? [JSON.stringify(pixels)] : [],
    ...ends ? [ends] : [],
  ];
  const whole = await new Blob([...files, ...said]).arrayBuffer();
  return await sha256Hex(new Uint8Array(whole));
}

import type { FloatArray } from "../../files/safetensors.ts";
import type { ModelSpec } from "../spec.ts";

/** A model as loaded: its layers, its weights, and what identifies it. */
export interface LoadedModel {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Kernel and bias of each layer that has them, in order. */
  weights: FloatArray[];
  /** SHA-256 of `model.json` and the weights together, in hexadecimal. */
  sha256: string;
  /** Bytes of the weights. */
  bytes: number;
  /** `manifest.json`, where there is one. */
  manifest?: Record<string, unknown>;
}

import type * as tf from "../../../tf.ts";
import { type HeapFunctions, heapFunctions } from "../heap.ts";
import { hasRelaxedSimd } from "../relaxed_simd.ts";
import { depthwiseModule } from "./depthwise_wat.ts";

/** The functions of `depthwiseModule`, whose parameters are bytes and counts. */
export interface DepthwiseKernels {
  /** Convolves one framed image. */
  correlate: HeapFunctions[string];
  /** Adds one framed image's share of the filter's gradient. */
  addGradient: HeapFunctions[string];
}

const texts = new Map<string, string>();

/** The functions for windows of `window` on images of `channels`. */
export function depthwiseKernels(
  backend: tf.BackendWasm,
  window: [number, number],
  channels: number,
): DepthwiseKernels {
  const fused = hasRelaxedSimd();
  const key = [...window, channels, fused].join();
  const text = texts.get(key) ?? depthwiseModule({ window, channels, fused });
  // Kept: the text's identity is how its instance is found.
  texts.set(key, text);
  const { correlate, addGradient } = heapFunctions(backend, "depthwise", text);
  return { correlate, addGradient };
}

import { weightShapes } from "../models/cost.ts";
import type { ModelSpec } from "../models/spec.ts";
import type { WeightBits } from "../compress/compact/compact_configuration.ts";

/** Header, layers, labels, scales and checksum of a small file, roughly. */
const OVERHEAD_BYTES = 40;

/**
 * ⌈Σ numbers · bits / 8⌉ + 40 over the kernels and biases of `spec`: bytes of its
 * file with weights of so many bits, before any is written. Entropy coding makes
 * the file smaller, the more the higher the rate penalty: fit to compare sizes
 * by, not to report.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../models/parse_layers.ts";
 * import { estimateBytes } from "./estimate_bytes.ts";
 *
 * const spec = parseLayers("pool2,conv3x8,mean"); // 72 + 80 in kernels, 8 + 10 in biases
 * assertEquals(estimateBytes(spec, { kernel: 4, bias: 8 }), 76 + 18 + 40);
 * ```
 */
export function estimateBytes(spec: ModelSpec, bits: WeightBits): number {
  const total = weightShapes(spec).reduce((sum, shape) => {
    const count = shape.reduce((a, b) => a * b);
    return sum + count * (shape.length === 1 ? bits.bias : bits.kernel);
  }, 0);
  return Math.ceil(total / 8) + OVERHEAD_BYTES;
}

import type { WeightBits } from "../compress/compact/compact_configuration.ts";
import type { SplitDataset } from "../data/split.ts";
import { countParameters, weightShapes } from "../models/cost.ts";
import { parseLayers } from "../models/parse_layers.ts";
import type { ModelSpec } from "../models/spec.ts";
import type { Candidate } from "./candidate.ts";
import { configurationOf, type SearchTraining } from "./search_training.ts";

/** A candidate with the size that it is expected to have. */
export interface SizedCandidate extends Candidate {
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its file, roughly. */
  estimatedBytes: number;
}

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
 * import { estimateBytes } from "./size_candidates.ts";
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

/** What candidates of one round have in common: all but their layers. */
function roundOf({ bits, ratePenalty, loss, seed }: Candidate): string {
  return JSON.stringify([seed, loss, ratePenalty, bits]);
}

/**
 * `candidates` with their sizes: seed by seed, and of each seed all layers with the
 * first bits and penalty before the next, the smallest first: those of other bits
 * go on from the same float weights, which are there by then.
 */
export function sizeCandidates(
  candidates: readonly Candidate[],
  { dataset, training }: {
    dataset: Pick<SplitDataset, "shape" | "classes">;
    training: SearchTraining;
  },
): SizedCandidate[] {
  const { shape: input, classes } = dataset;
  const rounds = [...new Set(candidates.map(roundOf))];
  return candidates.map((candidate) => {
    const spec = parseLayers(candidate.layers, { input, classes });
    const { bits } = configurationOf(candidate, training);
    return {
      ...candidate,
      parameters: countParameters(spec),
      estimatedBytes: estimateBytes(spec, bits),
    };
  }).toSorted((a, b) =>
    rounds.indexOf(roundOf(a)) - rounds.indexOf(roundOf(b)) ||
    a.estimatedBytes - b.estimatedBytes
  );
}

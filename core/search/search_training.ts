import type { PoolSpec } from "../distill/augmented_pool.ts";
import type { CompactConfiguration } from "../compress/compact/compact_configuration.ts";
import type { Candidate } from "./candidate.ts";

/** How the candidates of a search are trained: what they have in common. */
export interface SearchTraining extends
  Omit<
    CompactConfiguration,
    "bits" | "layerBits" | "ratePenalty" | "loss" | "seed"
  > {
  /** Bits of each bias. */
  biasBits: number;
  /** The augmented images that they learn from. */
  pool: PoolSpec;
}

/** What candidates have in common of `configuration`, on images of `pool`. */
export function shareConfiguration(
  configuration: CompactConfiguration,
  pool: PoolSpec,
): SearchTraining {
  const {
    bits,
    layerBits: _,
    ratePenalty: __,
    loss: ___,
    seed: ____,
    ...rest
  } = configuration;
  return { ...rest, biasBits: bits.bias, pool };
}

/**
 * The whole configuration of `candidate`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SEARCH_TRAINING } from "./search_presets.ts";
 * import { configurationOf } from "./search_training.ts";
 *
 * const { bits, averaging } = configurationOf({
 *   layers: "pool2,conv3x8,mean",
 *   bits: 3,
 *   ratePenalty: 0.01,
 *   loss: { kind: "cross-entropy" },
 *   seed: 7,
 * }, SEARCH_TRAINING);
 * assertEquals([bits.kernel, averaging], [3, SEARCH_TRAINING.averaging]);
 * ```
 */
export function configurationOf(
  { bits, ratePenalty, loss, seed }: Candidate,
  { biasBits, pool: _, ...shared }: SearchTraining,
): CompactConfiguration {
  return {
    ...shared,
    bits: { kernel: bits, bias: biasBits },
    layerBits: {},
    ...{ ratePenalty, loss, seed },
  };
}

import {
  COMPACT_CONFIGURATION,
  COMPACT_POOL,
  type CompactConfiguration,
} from "../compress/compact/compact_configuration.ts";
import type { PoolSpec } from "../distill/augmented_pool.ts";
import type { Candidate, CandidateSpace } from "./candidate.ts";

/** How the candidates of a search are trained: what they have in common. */
export interface SearchTraining extends
  Omit<
    CompactConfiguration,
    "bits" | "layerBits" | "ratePenalty" | "loss" | "seed" | "atLeast"
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
 * import { configurationOf, SEARCH_TRAINING } from "./search_training.ts";
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
    ratePenalty,
    loss,
    seed,
  };
}

// What `search` tries, and how it trains, where it isn't told: all of it is set here.

/** Layers of each kind of student, the smallest first. */
const LAYERS = [
  "conv5x4/2,conv3x5,max2,conv3x5",
  "conv5x4/2,conv3x8,max2,conv3x8",
  "conv5x6/2,conv3x10,max2,conv3x10",
  "conv5x8/2,conv3x12,max2,conv3x12",
];

/** What `search` tries unless told otherwise. */
export const DEFAULT_CANDIDATES: CandidateSpace = {
  layers: LAYERS,
  bits: [2, 3],
  ratePenalty: [0.05],
  losses: [{ kind: "distillation", temperature: 3, alpha: 0.9 }],
  seeds: [1, 2, 3],
};

/** How `search` trains them: as `compact` does, but for less long. */
export const SEARCH_TRAINING: SearchTraining = shareConfiguration({
  ...COMPACT_CONFIGURATION,
  epochs: { float: 12, quantised: 16 },
}, COMPACT_POOL);

/** A first look in some minutes: what `search --quick` tries. */
export const QUICK_CANDIDATES: CandidateSpace = {
  ...DEFAULT_CANDIDATES,
  layers: [LAYERS[0], LAYERS[2]],
  bits: [3],
  seeds: [1],
};

/** How `search --quick` trains them. */
export const QUICK_TRAINING: SearchTraining = {
  ...SEARCH_TRAINING,
  epochs: { float: 2, quantised: 2 },
  pool: { ...COMPACT_POOL, copies: 1 },
};

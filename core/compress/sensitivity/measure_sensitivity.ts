import type { FloatArray } from "../../files/safetensors.ts";
import { decodeTensor } from "../../infer/decode_tensor.ts";
import { modelCost } from "../../models/cost.ts";
import * as tf from "../../tf.ts";
import { encodeWeights } from "../../train/constraints/encode_weights.ts";
import { startVariables } from "../../train/constraints/start_variables.ts";
import {
  evaluateModel,
  type LabelledImages,
} from "../../train/evaluate_model.ts";
import type { Score } from "../../train/learner.ts";
import type { LossSpec } from "../../train/losses/losses.ts";
import { applyMasks } from "../prune/apply_masks.ts";
import { isKernel, magnitudeMasks } from "../prune/magnitude_masks.ts";
import type { Weighed } from "../prune/thin_model.ts";
import type {
  BitsPoint,
  Sensitivity,
  SparsityPoint,
} from "./layer_sensitivity.ts";

/**
 * H = −Σ_v p_v · log₂ p_v over the values v of `levels`: bits a level, of the best
 * code that codes each for itself. 0 for no levels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { levelEntropy } from "./measure_sensitivity.ts";
 *
 * assertEquals(levelEntropy(Int8Array.of(0, 0, 1, -1)), 1.5);
 * ```
 */
export function levelEntropy(levels: Int8Array): number {
  const counts = new Map<number, number>();
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) {
    const share = count / levels.length;
    entropy -= share * Math.log2(share);
  }
  return entropy;
}

/** What is tried on each layer. */
export interface SensitivityOptions {
  /** Sparsities, each in [0, 1); {@linkcode SPARSITIES} unless given. */
  sparsities?: readonly number[];
  /** Bits, each 1 to 8; {@linkcode BITS} unless given. */
  bits?: readonly number[];
  /** Unit of losses; cross-entropy unless given. */
  loss?: LossSpec;
  /** Called after each trial with how many are done, of how many. */
  onProgress?: (done: number, total: number) => void;
  /** Stops between trials when aborted. */
  signal?: AbortSignal;
}

/** Sparsities at which networks of this kind begin to suffer. */
export const SPARSITIES = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** All that a level can have. */
export const BITS = [1, 2, 3, 4, 5, 6, 7, 8];

/** The kernel with its weights of least magnitude at 0. */
function pruneKernel(kernel: FloatArray, sparsity: number): FloatArray {
  const masks = magnitudeMasks([kernel], { sparsity, scope: "layer" });
  return applyMasks([kernel], masks)[0];
}

/** The kernel with levels of `bits` bits and one step size, and their entropy's bytes. */
function quantiseKernel(kernel: FloatArray, bits: number) {
  const constraints = [
    { kind: "uniform", bits, perChannel: false, powerOfTwo: false } as const,
  ];
  const [tensor] = encodeWeights(
    constraints,
    [kernel.shape],
    startVariables([kernel], constraints),
  );
  const levels = tensor.kind === "uniform" ? tensor.levels : new Int8Array();
  const bytes = Math.ceil(levels.length * levelEntropy(levels) / 8);
  return { quantised: decodeTensor(tensor), bytes };
}

/**
 * What each layer stands: for every kernel alone, the score on `images` with its
 * weights of least magnitude at 0, at each sparsity, and with its weights quantised
 * uniformly after training (one step size, of least squared error), at each number of
 * bits. Nothing is retrained, and biases stay.
 *
 * On the current backend, len(layers) · (sparsities + bits) evaluations. Throws a
 * `RangeError` for a sparsity or a number of bits out of range, and the signal's
 * reason.
 *
 * Source: Han, Pool, Tran and Dally, "Learning both weights and connections for
 * efficient neural networks", 2015, section 4 (sensitivity of each layer to pruning).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { measureSensitivity } from "./measure_sensitivity.ts";
 *
 * const { layers, bits } = await measureSensitivity(
 *   await makeBarsTeacher(),
 *   { examples: makeBars().validation },
 *   { sparsities: [0.5], bits: [8] },
 * );
 * assertEquals(layers, ["conv1", "conv2", "dense1", "logits"]);
 * assertEquals(bits.map(({ accuracy }) => accuracy), [1, 1, 1, 1]);
 * ```
 */
export async function measureSensitivity(
  { spec, weights }: Weighed,
  images: LabelledImages,
  {
    sparsities = SPARSITIES,
    bits: choices = BITS,
    loss,
    onProgress,
    signal,
  }: SensitivityOptions = {},
): Promise<Sensitivity> {
  const layers = modelCost(spec).layers
    .filter(({ weights }) => weights.length > 0)
    .map(({ layer }) => layer.name);
  const kernels = [...weights.keys()].filter((i) => isKernel(weights[i]));
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const total = kernels.length * (sparsities.length + choices.length);
  let done = 0;
  const scoreWith = async (
    index: number,
    { shape, values }: FloatArray,
  ): Promise<Score> => {
    signal?.throwIfAborted();
    const changed = tf.tensor(values, shape);
    const used = tensors.with(index, changed);
    try {
      const { score } = await evaluateModel(spec, used, images, loss);
      onProgress?.(++done, total);
      return score;
    } finally {
      changed.dispose();
    }
  };
  try {
    const { score: whole } = await evaluateModel(spec, tensors, images, loss);
    const sparsity: SparsityPoint[] = [];
    const bits: BitsPoint[] = [];
    for (const [layer, index] of kernels.entries()) {
      for (const share of sparsities) {
        const score = await scoreWith(
          index,
          pruneKernel(weights[index], share),
        );
        sparsity.push({ layer, sparsity: share, ...score });
      }
      for (const count of choices) {
        const { quantised, bytes } = quantiseKernel(weights[index], count);
        const score = await scoreWith(index, quantised);
        bits.push({ layer, bits: count, bytes, ...score });
      }
    }
    const { count } = images.examples;
    return { layers, whole, images: count, sparsity, bits };
  } finally {
    tf.dispose(tensors);
  }
}

import type { FloatArray } from "../../files/safetensors.ts";
import { checkSparsity } from "./sparsity_schedule.ts";

/** Which weights compete with each other for a place. */
export type PruningScope =
  /** Those of one tensor: every tensor gets the same sparsity. */
  | "layer"
  /** Those of all tensors, by magnitude. */
  | "global"
  /** Those of all tensors, by magnitude against what their own tensor keeps. */
  | "lamp";

/** How {@linkcode magnitudeMasks} chooses. */
export interface MagnitudeOptions {
  /** Share of the kernels' weights that are to be 0; with scope `layer` one a kernel may be given. */
  sparsity: number | number[];
  /** Which weights compete. */
  scope: PruningScope;
  /** Masks of before: what they have pruned stays pruned. */
  previous?: Uint8Array[];
}

/** Whether a weight of this shape is a kernel; biases are never pruned. */
export function isKernel({ shape }: Pick<FloatArray, "shape">): boolean {
  return shape.length > 1;
}

/**
 * LAMP's score of each weight: w² / Σ v² over the v of its tensor with |v| ≥ |w|,
 * so that the largest of each tensor scores 1 and no tensor is pruned away whole.
 */
function lampScores(values: Float32Array): Float64Array {
  const scores = new Float64Array(values.length);
  const order = Uint32Array.from(values.keys()).sort((a, b) =>
    Math.abs(values[b]) - Math.abs(values[a]) || a - b
  );
  let sum = 0;
  for (const index of order) {
    const square = values[index] ** 2;
    sum += square;
    scores[index] = sum === 0 ? 0 : square / sum;
  }
  return scores;
}

/** Sets `masks` to 0 at the `count` lowest of `scores`, those already 0 first. */
function dropLowest(
  masks: Uint8Array[],
  scores: ArrayLike<number>[],
  count: number,
): void {
  const total = masks.reduce((sum, { length }) => sum + length, 0);
  const rank = new Float64Array(total);
  let start = 0;
  masks.forEach((mask, tensor) => {
    mask.forEach((kept, i) => rank[start + i] = kept ? scores[tensor][i] : -1);
    start += mask.length;
  });
  // Equal scores fall by their place, so that the count is met exactly.
  const order = Uint32Array.from(rank.keys())
    .sort((a, b) => rank[a] - rank[b] || b - a);
  const dropped = new Uint8Array(total);
  for (const index of order.subarray(0, count)) dropped[index] = 1;
  start = 0;
  for (const mask of masks) {
    for (let i = 0; i < mask.length; i++) {
      if (dropped[start + i]) mask[i] = 0;
    }
    start += mask.length;
  }
}

/** The sparsity of each of `kernels` tensors, checked. */
function spreadSparsity(
  { sparsity, scope }: MagnitudeOptions,
  kernels: number,
): number[] {
  if (typeof sparsity === "number") {
    checkSparsity("sparsity", sparsity);
    return new Array(kernels).fill(sparsity);
  }
  if (scope !== "layer" || sparsity.length !== kernels) {
    throw new RangeError(
      `Cannot prune: \`sparsity\` must be one number, or with scope "layer" one for each of ${kernels} kernels: current value is [${
        sparsity.join(", ")
      }] with scope ${scope}`,
    );
  }
  sparsity.forEach((each) => checkSparsity("sparsity", each));
  return sparsity;
}

/**
 * m_i = 0 for the ⌊s·n⌋ kernel weights of the lowest |w_i|, 1 for the others: a
 * mask for each of `weights`, in its shape. Biases keep masks of ones.
 *
 * With scope `layer` n counts one kernel's weights, otherwise all kernels'. What
 * `previous` has pruned is among the pruned, so that sparsity only grows. Throws a
 * `RangeError` for a sparsity outside [0, 1).
 *
 * Sources: Han, Pool, Tran and Dally, "Learning both weights and connections for
 * efficient neural networks", 2015; for `lamp` Lee, Park, Mo, Ahn and Shin,
 * "Layer-adaptive sparsity for the magnitude-based pruning", 2021.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { magnitudeMasks } from "./magnitude_masks.ts";
 *
 * const kernel = { shape: [2, 2], values: Float32Array.of(3, -1, 0.5, -4) };
 * const bias = { shape: [2], values: Float32Array.of(0, 0.1) };
 * const masks = magnitudeMasks([kernel, bias], { sparsity: 0.5, scope: "layer" });
 * assertEquals(masks, [Uint8Array.of(1, 0, 0, 1), Uint8Array.of(1, 1)]);
 * ```
 */
export function magnitudeMasks(
  weights: FloatArray[],
  options: MagnitudeOptions,
): Uint8Array<ArrayBuffer>[] {
  const { scope, previous } = options;
  const masks = weights.map(({ values }, index) =>
    previous
      ? new Uint8Array(previous[index])
      : new Uint8Array(values.length).fill(1)
  );
  const kernels = [...weights.keys()].filter((i) => isKernel(weights[i]));
  const sparsities = spreadSparsity(options, kernels.length);
  const scores = kernels.map((index) =>
    scope === "lamp"
      ? lampScores(weights[index].values)
      : weights[index].values.map(Math.abs)
  );
  if (scope === "layer") {
    kernels.forEach((index, place) => {
      const count = Math.floor(sparsities[place] * masks[index].length);
      dropLowest([masks[index]], [scores[place]], count);
    });
    return masks;
  }
  const chosen = kernels.map((index) => masks[index]);
  const total = chosen.reduce((sum, { length }) => sum + length, 0);
  const [sparsity = 0] = sparsities;
  dropLowest(chosen, scores, Math.floor(sparsity * total));
  return masks;
}

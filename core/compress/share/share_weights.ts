import type { FloatArray } from "../../files/safetensors.ts";
import type { CodebookConstraint } from "../../train/constraints/constraint.ts";
import { clusterValues } from "./cluster_values.ts";
import { type CentroidStart, startCentroids } from "./start_centroids.ts";

/** How the weights of one tensor are made to share values. */
export interface ShareOptions {
  /**
   * Entries of the codebook at most, 1 to 256, one of them the 0 of pruned weights
   * where there are any.
   */
  size: number;
  /** Where k-means begins; linear unless given. */
  start?: CentroidStart;
  /** 0 where a weight is pruned; none is unless given. */
  mask?: Uint8Array;
}

function checkSize(size: number, least: number): void {
  if (Number.isInteger(size) && size >= least && size <= 256) return;
  throw new RangeError(
    `Cannot share weights: the codebook's size must be an integer from ${least} to 256${
      least === 2 ? ", one entry being 0" : ""
    }: current value is ${size}`,
  );
}

/**
 * Lets the weights of a tensor share the entries of a codebook, by k-means: the
 * constraint by which `startVariables` makes each entry its weights' mean, and
 * training moves it. Pruned weights are kept apart, as entry 0, which stays 0.
 * The codebook is smaller than asked for where clusters end up empty.
 *
 * Source: Han et al., "Deep Compression", 2016, section 3. Throws a `RangeError` where
 * the size or the mask is unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shareWeights } from "./share_weights.ts";
 *
 * const weight = { shape: [2, 3], values: Float32Array.of(-1, 0, 2, 3, 0.1, -1) };
 * const mask = Uint8Array.of(1, 0, 1, 1, 0, 1);
 * assertEquals(shareWeights(weight, { size: 3, mask }), {
 *   kind: "codebook",
 *   size: 3,
 *   indices: Uint8Array.of(1, 0, 2, 2, 0, 1),
 *   pruned: true,
 * });
 * ```
 */
export function shareWeights(
  { values }: FloatArray,
  { size, start = { kind: "linear" }, mask }: ShareOptions,
): CodebookConstraint {
  if (mask && mask.length !== values.length) {
    throw new RangeError(
      `Cannot share weights: the mask must have ${values.length} entries: current value is ${mask.length}`,
    );
  }
  const kept = mask ? values.filter((_, i) => mask[i] === 1) : values;
  const pruned = kept.length < values.length;
  checkSize(size, pruned && kept.length > 0 ? 2 : 1);
  if (kept.length === 0) {
    const indices = new Uint8Array(values.length);
    return { kind: "codebook", size: 1, indices, pruned };
  }
  const first = pruned ? 1 : 0;
  const starts = startCentroids(kept.toSorted(), size - first, start);
  const { centroids, indices: own } = clusterValues(kept, starts);
  const indices = new Uint8Array(values.length);
  let next = 0;
  for (let i = 0; i < indices.length; i++) {
    if (!mask || mask[i] === 1) indices[i] = own[next++] + first;
  }
  return { kind: "codebook", size: centroids.length + first, indices, pruned };
}

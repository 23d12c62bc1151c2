import type { FloatArray } from "../../files/safetensors.ts";
import type { CodebookConstraint } from "./constraint.ts";

/**
 * The codebook of least squared error for given indices: each entry the mean of
 * the weights that point to it, 0 where none do or where it stands for pruned
 * ones: `[size]`.
 */
export function averageWeights(
  weights: Float32Array,
  { size, indices, pruned = false }: CodebookConstraint,
): FloatArray {
  const sums = new Float64Array(size);
  const counts = new Uint32Array(size);
  indices.forEach((entry, i) => {
    sums[entry] += weights[i];
    counts[entry]++;
  });
  const values = Float32Array.from(
    sums,
    (sum, entry) =>
      counts[entry] === 0 || (pruned && entry === 0) ? 0 : sum / counts[entry],
  );
  return { shape: [size], values };
}

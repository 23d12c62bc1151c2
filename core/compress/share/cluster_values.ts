/** Values in clusters. */
export interface Clusters {
  /** Means of the clusters, ascending, in float32; none is empty. */
  centroids: Float32Array<ArrayBuffer>;
  /** Which cluster each value is in, by its place in `centroids`. */
  indices: Uint8Array<ArrayBuffer>;
}

/** Turns after which k-means ends even if rounding kept it moving. */
const MOST_TURNS = 10_000;

/** How many of `sorted` are at most `limit`. */
function countUpTo(sorted: Float32Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Values at which the nearest of `centroids`, ascending, changes. */
function middlesOf(centroids: readonly number[]): Float32Array {
  return Float32Array.from(
    centroids.slice(1),
    (centroid, j) => (centroids[j] + centroid) / 2,
  );
}

/** Where the cluster of each centroid ends among `sorted`. */
function endsOf(sorted: Float32Array, centroids: readonly number[]): number[] {
  const ends = [...middlesOf(centroids)].map((limit) =>
    countUpTo(sorted, limit)
  );
  return [...ends, sorted.length];
}

/**
 * k-means on a line, by Lloyd's algorithm: in turns, every value joins the nearest
 * centroid (of two as near, the lower), and every centroid moves to its values' mean,
 * until nothing moves. On sorted values with running sums a turn takes
 * O(k·log n). Clusters that end up empty are dropped.
 *
 * `starts` are 1 to 256 centroids, ascending. Throws a `RangeError` where there are
 * none, too many, or no values, or one that isn't finite.
 *
 * Source: Lloyd, "Least squares quantization in PCM", 1982.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterValues } from "./cluster_values.ts";
 *
 * const { centroids, indices } = clusterValues(
 *   Float32Array.of(5, 0, 1, 7),
 *   [0, 5, 30],
 * );
 * assertEquals(centroids, Float32Array.of(0.5, 6));
 * assertEquals(indices, Uint8Array.of(1, 0, 0, 1));
 * ```
 */
export function clusterValues(
  values: Float32Array,
  starts: readonly number[],
): Clusters {
  if (values.length === 0 || starts.length < 1 || starts.length > 256) {
    throw new RangeError(
      `Cannot cluster ${values.length} values: there must be some, and 1 to 256 centroids: current value is ${starts.length}`,
    );
  }
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw new RangeError(
      `Cannot cluster values: they must be finite: current value is ${odd}`,
    );
  }
  const sorted = values.toSorted();
  const sums = new Float64Array(sorted.length + 1);
  sorted.forEach((value, i) => sums[i + 1] = sums[i] + value);
  let centroids = [...starts];
  let ends = endsOf(sorted, centroids);
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    centroids = centroids.map((centroid, j) => {
      const first = j === 0 ? 0 : ends[j - 1];
      const count = ends[j] - first;
      return count === 0 ? centroid : (sums[ends[j]] - sums[first]) / count;
    });
    const next = endsOf(sorted, centroids);
    if (next.every((end, j) => end === ends[j])) break;
    ends = next;
  }
  const used = centroids.filter((_, j) => ends[j] > (ends[j - 1] ?? 0));
  const middles = middlesOf(used);
  const indices = Uint8Array.from(values, (value) => {
    let [low, high] = [0, middles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value > middles[middle]) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  return { centroids: Float32Array.from(used), indices };
}

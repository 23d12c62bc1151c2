import { randomStream } from "../../random/stream.ts";

/** Where k-means begins. */
export type CentroidStart =
  /** Evenly from the least to the greatest value: large weights, of which there are few, keep centroids. */
  | { kind: "linear" }
  /** At the middles of k shares of equal count: where the weights are. */
  | { kind: "density" }
  /** At k of the values. */
  | { kind: "random"; seed: number };

/**
 * First centroids for `count` clusters of `sorted` values, ascending: with v the n
 * values and j from 0, v₀ + (v_{n−1} − v₀)·j/(k − 1) if linear (the middle where
 * k = 1); v at ⌊n·(j + ½)/k⌋ if by density; or k values drawn without replacement.
 *
 * Source: Han et al., "Deep Compression", 2016, section 3.2; it found linear best.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { startCentroids } from "./start_centroids.ts";
 *
 * const sorted = Float32Array.of(0, 0, 0, 1, 4);
 * assertEquals(startCentroids(sorted, 3, { kind: "linear" }), [0, 2, 4]);
 * assertEquals(startCentroids(sorted, 3, { kind: "density" }), [0, 0, 4]);
 * ```
 */
export function startCentroids(
  sorted: Float32Array,
  count: number,
  start: CentroidStart,
): number[] {
  const each = [...new Array(count).keys()];
  switch (start.kind) {
    case "linear": {
      const [low, high] = [sorted[0], sorted[sorted.length - 1]];
      if (count === 1) return [(low + high) / 2];
      return each.map((j) => low + (high - low) * j / (count - 1));
    }
    case "density":
      return each.map((j) =>
        sorted[Math.floor(sorted.length * (j + 0.5) / count)]
      );
    case "random": {
      const random = randomStream(start.seed, "centroids");
      const drawn = new Set<number>();
      const wanted = Math.min(count, sorted.length);
      while (drawn.size < wanted) drawn.add(random.below(sorted.length));
      return [...drawn].sort((a, b) => a - b).map((place) => sorted[place]);
    }
  }
}

import type { Examples } from "../core/data/dataset.ts";

/**
 * The places of the first `count` examples of each class, class by class; of a
 * class that has fewer, all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseSamples } from "./choose_samples.ts";
 *
 * assertEquals(chooseSamples({ labels: Uint8Array.of(1, 0, 1, 1, 0) }, 2), [1, 4, 0, 2]);
 * ```
 */
export function chooseSamples(
  { labels }: Pick<Examples, "labels">,
  count: number,
): number[] {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  return classes.flatMap((wanted) =>
    [...labels.keys()].filter((i) => labels[i] === wanted).slice(0, count)
  );
}

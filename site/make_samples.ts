import {
  type Examples,
  readImages,
  selectExamples,
} from "../core/data/dataset.ts";
import { sha256Hex } from "../core/data/formats/idx_file.ts";
import { hashedPath } from "./hashed_path.ts";
import type { SiteSamples } from "./site_data.ts";

/**
 * The places of the first `count` examples of each class, class by class; of a
 * class that has fewer, all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseSamples } from "./make_samples.ts";
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

/** Samples of each class. */
const COUNT = 20;

/**
 * The first 20 test images of each class, class by class: their pixels
 * `[n, height, width, channels]`, and what the site says of them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../tests/core/bars.ts";
 * import { makeSamples } from "./make_samples.ts";
 *
 * const { pixels, json } = await makeSamples(makeBars().test); // 8 of each of 3 classes
 * assertEquals([pixels.length, json.classes.length, json.indices[1]], [24 * 64, 24, 3]);
 * ```
 */
export async function makeSamples(
  test: Examples,
): Promise<{ pixels: Uint8Array<ArrayBuffer>; json: SiteSamples }> {
  const indices = chooseSamples(test, COUNT);
  const samples = selectExamples(test, Uint32Array.from(indices));
  const { labels } = samples;
  const pixels = new Uint8Array(readImages(samples));
  const file = hashedPath("samples/digits.bin", await sha256Hex(pixels));
  return { pixels, json: { file, classes: [...labels], indices } };
}

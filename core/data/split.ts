import { randomStream } from "../random/stream.ts";
import { shuffledIndices } from "../random/shuffle.ts";
import {
  type Dataset,
  type Examples,
  type Pixels,
  selectExamples,
} from "./dataset.ts";

/** How the published training part is divided; recorded with every model. */
export interface SplitSpec {
  /** Seed of the division. */
  seed: number;
  /** How many images are held out to choose by. */
  validation: number;
}

/** A dataset divided into what to learn from, what to choose by, what to report. */
export interface SplitDataset<Held extends Pixels = Pixels>
  extends Omit<Dataset<Held>, "train"> {
  /** Learnt from. */
  train: Examples<Held>;
  /** Chosen by. */
  validation: Examples<Held>;
  /** The division that was used. */
  split: SplitSpec;
}

/** One image in twelve is held out: 5,000 of MNIST's 60,000. */
const VALIDATION_SHARE = 12;

/**
 * max(1, round(count / 12)) images for validation: the default division of
 * `dataset`, 5,000 of MNIST's 60,000.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { defaultSplit } from "./split.ts";
 *
 * const { train } = makeBars(); // 96 images
 * assertEquals(defaultSplit({ ...makeBars(), train }), { seed: 0, validation: 8 });
 * ```
 */
export function defaultSplit(dataset: Dataset, seed = 0): SplitSpec {
  return {
    seed,
    validation: Math.max(1, Math.round(dataset.train.count / VALIDATION_SHARE)),
  };
}

/**
 * Divides the training part by a seeded shuffle; the test part is untouched.
 *
 * Equal `split` gives equal parts. Throws a `RangeError` where there are fewer than
 * two images, or `validation` leaves nothing to learn from or nothing to choose by.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitDataset } from "./split.ts";
 *
 * const part = {
 *   count: 12,
 *   shape: [1, 1, 1] as const,
 *   images: new Uint8Array(12),
 *   labels: new Uint8Array(12),
 * };
 * const dataset = { name: "dots", shape: part.shape, classes: 1, classNames: ["dot"], augmentation: "none" as const, train: part, test: part, sha256: {} };
 * const { train, validation } = splitDataset(dataset, { seed: 0, validation: 2 });
 * assertEquals([train.count, validation.count], [10, 2]);
 * ```
 */
export function splitDataset(
  dataset: Dataset<Uint8Array>,
  split: SplitSpec,
): SplitDataset<Uint8Array>;
/**
 * The same of images that may lie in files: those stay where they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import type { Dataset } from "./dataset.ts";
 * import { splitDataset } from "./split.ts";
 *
 * const bars: Dataset = makeBars();
 * assertEquals(splitDataset(bars, { seed: 0, validation: 6 }).train.count, 90);
 * ```
 */
export function splitDataset(dataset: Dataset, split: SplitSpec): SplitDataset;
export function splitDataset(dataset: Dataset, split: SplitSpec): SplitDataset {
  const { count } = dataset.train;
  const { seed, validation } = split;
  if (count < 2) {
    throw new RangeError(
      `Cannot split ${dataset.name}: it must hold an image to learn from and one to choose by: it holds ${count} in all; add images`,
    );
  }
  if (!Number.isInteger(validation) || validation < 1 || validation >= count) {
    throw new RangeError(
      `Cannot split ${dataset.name}: \`validation\` must be an integer from 1 to ${
        count - 1
      }: current value is ${validation}`,
    );
  }
  const order = shuffledIndices(count, randomStream(seed, "split"));
  return {
    ...dataset,
    train: selectExamples(dataset.train, order.subarray(validation), {
      shared: true,
    }),
    validation: selectExamples(
      dataset.train,
      order.subarray(0, validation),
      { shared: true },
    ),
    split,
  };
}

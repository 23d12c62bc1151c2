import { isMnist } from "../../core/data/mnist_hashes.ts";
import { formatCount } from "../../core/text/format_numbers.ts";
import type { SiteSamples, SiteStudy } from "../../site/site_data.ts";

/** What pages say of the data that the site's models are for. */
export interface DataFacts {
  /** Its name: MNIST by its hashes, or else what the study calls it. */
  title: string;
  /** Whether its classes are handwritten digits: it is MNIST. */
  digits: boolean;
  /** Number of classes. */
  classes: number;
  /** Extent of an image, `[height, width, channels]`. */
  shape: readonly number[];
  /** Number of test images. */
  test: number;
  /** The classes that there are test images of to try. */
  samples: number[];
}

/**
 * What pages say of the data of `study`. Where the site was made before its data
 * told, images are 28×28, and classes as many as there are samples of.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataFacts } from "./data_facts.ts";
 *
 * const dataset = { name: "bars", sha256: {}, train: 96, validation: 24, test: 24 };
 * const images = { shape: [8, 8, 1], classes: 4 } as const;
 * const { title, digits, classes, samples } = dataFacts(
 *   { images, result: { dataset } },
 *   { classes: [0, 0, 2, 2] },
 * );
 * assertEquals([title, digits, classes, samples], ["bars", false, 4, [0, 2]]);
 * ```
 */
export function dataFacts(
  { images, result: { dataset } }: Pick<SiteStudy, "images"> & {
    result: Pick<SiteStudy["result"], "dataset">;
  },
  { classes }: Pick<SiteSamples, "classes">,
): DataFacts {
  const digits = isMnist(dataset.sha256);
  return {
    title: digits ? "MNIST" : dataset.name,
    digits,
    classes: images?.classes ?? Math.max(...classes) + 1,
    shape: images?.shape ?? [28, 28, 1],
    test: dataset.test,
    samples: [...new Set(classes)].sort((a, b) => a - b),
  };
}

/** Whether what is drawn on the page is an image of such data: 28×28 grey pixels. */
export function canBeDrawn({ shape }: Pick<DataFacts, "shape">): boolean {
  return shape.join("×") === "28×28×1";
}

/**
 * The test images in words: `the 10,000 test images of MNIST`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameTestImages } from "./data_facts.ts";
 *
 * assertEquals(nameTestImages({ title: "bars", test: 24 }), "the 24 test images of bars");
 * ```
 */
export function nameTestImages(
  { title, test }: Pick<DataFacts, "title" | "test">,
): string {
  return `the ${formatCount(test)} test images of ${title}`;
}

/**
 * What an image of class `label` is, in words: `a 7`, or elsewhere `class 7`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameClass } from "./data_facts.ts";
 *
 * assertEquals([true, false].map((digits) => nameClass(7, { digits })), ["a 7", "class 7"]);
 * ```
 */
export function nameClass(
  label: number,
  { digits }: Pick<DataFacts, "digits">,
): string {
  return digits ? `a ${label}` : `class ${label}`;
}

import type { Dataset } from "./dataset.ts";
import { composeDataset } from "./formats/compose_dataset.ts";
import type { ReadingOptions } from "./formats/format.ts";
import { IDX } from "./formats/idx_folder.ts";
import { listPlace } from "./formats/list_place.ts";

/** Where Debian's package `dataset-fashion-mnist` puts its four files. */
const FOLDER = "/usr/share/datasets/fashion-mnist";

/** What its classes are, as its authors call them. */
const CLASSES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * Fashion-MNIST: 60,000 images to learn from and 10,000 to test, `[28, 28, 1]`, 10
 * classes, from Debian's package `dataset-fashion-mnist`, or from `folder`.
 *
 * Throws `Deno.errors.NotFound` where it isn't installed, and what `loadIdxFolder`
 * throws.
 *
 * Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for
 * benchmarking machine learning algorithms", 2017.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadFashionMnist } from "./fashion_mnist.ts";
 *
 * await assertRejects(() => loadFashionMnist("not/there"), Deno.errors.NotFound, "apt-get install");
 * ```
 */
export async function loadFashionMnist(
  folder: string = FOLDER,
  options: ReadingOptions = {},
): Promise<Dataset> {
  const place = await listPlace(folder).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      "Cannot load fashion-mnist: its files must be on this machine: there are none; on Debian and Ubuntu, `apt-get install dataset-fashion-mnist`; elsewhere put its four IDX files into a folder, and pass that as --data",
      { cause: error },
    );
  });
  const dataset = await composeDataset(await IDX.read(place, options), {
    ...options,
    classNames: options.classNames ?? CLASSES,
    name: "fashion-mnist",
    path: folder,
  });
  return { ...dataset, augmentation: "photos" };
}

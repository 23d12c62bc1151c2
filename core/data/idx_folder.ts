import { basename, resolve } from "node:path";
import type { Dataset, Examples, ImageShape } from "./dataset.ts";
import { MAX_IDX_BYTES } from "./idx.ts";
import { type IdxFile, readIdxFile } from "./idx_file.ts";

/** A file found under one of its usual names. */
interface NamedFile extends IdxFile {
  name: string;
}

/** Reads the first of `names`, plain or with `.gz`, that `folder` holds. */
async function readFirst(
  folder: string,
  names: string[],
  limit: number,
): Promise<NamedFile> {
  for (const name of names) {
    for (const suffix of ["", ".gz"]) {
      try {
        const path = `${folder}/${name}${suffix}`;
        return { name, ...await readIdxFile(path, { limit }) };
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
  throw new Deno.errors.NotFound(
    `Cannot load a dataset from ${folder}: it must hold ${
      names.join(" or ")
    }, plain or with .gz: there is none`,
  );
}

/** Throws unless there is a folder at `path`. */
async function checkFolder(path: string): Promise<void> {
  const begin = `Cannot load a dataset from ${path}:`;
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `${begin} there is no such folder; check the path`,
    );
  }
  if (info.isDirectory) return;
  throw new TypeError(
    `${begin} it must be a folder of four IDX files: it is none; name the folder`,
  );
}

/** Pairs images with labels; throws where their counts or ranks disagree. */
function pairExamples(images: NamedFile, labels: NamedFile): Examples {
  const [count, height, width, channels = 1] = images.dimensions;
  if (images.dimensions.length < 3) {
    throw new SyntaxError(
      `Cannot use ${images.name}: images must have 3 or 4 dimensions: found ${images.dimensions.length}`,
    );
  }
  if (labels.dimensions.length !== 1 || labels.dimensions[0] !== count) {
    throw new SyntaxError(
      `Cannot use ${labels.name}: it must hold one label for each of ${count} images: it holds ${
        labels.dimensions.join(" × ")
      }`,
    );
  }
  return {
    count,
    shape: [height, width, channels],
    images: images.values,
    labels: labels.values,
  };
}

/** Labels that a file may hold: more images than that nobody has. */
const MOST_LABELS = 2 ** 26;

function largestLabel(labels: Uint8Array): number {
  return labels.reduce((largest, label) => Math.max(largest, label), 0);
}

/**
 * Loads a dataset in IDX form from `folder`, under the four usual names
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
 * and `t10k-labels-idx1-ubyte`, each plain or with `.gz`; colour images, of four
 * dimensions, are called `idx4`. Image size, channels and the number of classes
 * are read from the files, each of `limit` values at most, 2³⁰ unless given. The
 * dataset is called `name`, or as the folder is.
 *
 * Throws `Deno.errors.NotFound` for a missing folder or file, a `TypeError` for
 * what is neither, a `RangeError` for a file that is too large, and a `SyntaxError`
 * for a malformed one or for files that don't belong together.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadIdxFolder } from "./idx_folder.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await assertRejects(() => loadIdxFolder(folder), Deno.errors.NotFound);
 * ```
 */
export async function loadIdxFolder(
  folder: string,
  name: string = basename(resolve(folder)),
  { limit = MAX_IDX_BYTES }: { limit?: number } = {},
): Promise<Dataset> {
  await checkFolder(folder);
  const imagesOf = (part: string) => [
    `${part}-images-idx3-ubyte`,
    `${part}-images-idx4-ubyte`,
  ];
  const labels = Math.min(limit, MOST_LABELS);
  const files = await Promise.all([
    readFirst(folder, imagesOf("train"), limit),
    readFirst(folder, ["train-labels-idx1-ubyte"], labels),
    readFirst(folder, imagesOf("t10k"), limit),
    readFirst(folder, ["t10k-labels-idx1-ubyte"], labels),
  ]);
  const train = pairExamples(files[0], files[1]);
  const test = pairExamples(files[2], files[3]);
  if (!sameShape(train.shape, test.shape)) {
    throw new SyntaxError(
      `Cannot use ${folder}: training and test images must have one size: they have ${
        train.shape.join("×")
      } and ${test.shape.join("×")}`,
    );
  }
  const classes = largestLabel(train.labels) + 1;
  if (classes < 2) {
    throw new SyntaxError(
      `Cannot use ${folder}: labels must name at least 2 classes: found ${classes}`,
    );
  }
  if (largestLabel(test.labels) >= classes) {
    throw new SyntaxError(
      `Cannot use ${folder}: test labels must be among the training labels' ${classes} classes: found ${
        largestLabel(test.labels)
      }`,
    );
  }
  const sha256 = Object.fromEntries(
    files.map((file) => [file.name, file.sha256]),
  );
  return { name, shape: train.shape, classes, train, test, sha256 };
}

function sameShape(a: ImageShape, b: ImageShape): boolean {
  return a.every((extent, axis) => extent === b[axis]);
}

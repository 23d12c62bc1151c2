import { basename, resolve } from "node:path";
import { assertHeld, type Dataset } from "../dataset.ts";
import { composeDataset } from "./compose_dataset.ts";
import type { DataFormat, Place, RawDataset, RawPart } from "./format.ts";
import { MAX_IDX_BYTES } from "./idx.ts";
import {
  type IdxFile,
  type IdxImages,
  readIdxFile,
  readIdxImages,
} from "./idx_file.ts";
import { listPlace } from "./list_place.ts";
import type { PixelRoom } from "./pixel_sink.ts";

/** A file's usual name, MNIST's, under which its hash is kept. */
interface Named {
  name: string;
}

/**
 * Names that IDX files have in the field: MNIST's own, with a point as unpacked by many
 * (`train-images.idx3-ubyte`), and EMNIST's, with the set's name before.
 */
const NAME =
  /^(.*?)(train|t10k|test)-(images[-.]idx[34]|labels[-.]idx1)-ubyte(\.gz)?$/;

/** An IDX file of a folder, by its name. */
interface FoundFile {
  file: string;
  /** What stands before MNIST's name: `emnist-letters-`. */
  prefix: string;
  part: "train" | "t10k";
  usual: string;
}

/** The IDX files that a folder of `entries` has. */
function findFiles(entries: Place["entries"]): FoundFile[] {
  return (entries ?? []).flatMap(({ name, isDirectory }) => {
    const [, prefix, part, kind] = isDirectory ? [] : NAME.exec(name) ?? [];
    if (part === undefined) return [];
    const own = part === "train" ? "train" : "t10k";
    const usual = `${own}-${kind.replace(".", "-")}-ubyte`;
    return [{ file: name, prefix, part: own, usual } as const];
  }).toSorted((a, b) => a.file < b.file ? -1 : 1);
}

/** Labels that a file may hold: more images than that nobody has. */
const MOST_LABELS = 2 ** 26;

/** Pairs images with labels; throws where their counts or ranks disagree. */
function pairExamples(
  images: IdxImages & Named,
  labels: IdxFile & Named,
): RawPart {
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
    images: images.images,
    labels: labels.values,
  };
}

/** Images and labels of one part; `undefined` where the folder has neither. */
async function readPart(
  folder: string,
  part: FoundFile["part"],
  { files, limit, room }: {
    files: FoundFile[];
    limit: number;
    room?: PixelRoom;
  },
): Promise<
  { read: RawPart; files: (Named & { sha256: string })[] } | undefined
> {
  const own = files.filter((file) => file.part === part);
  if (own.length === 0) return undefined;
  const find = (kind: "images" | "labels") => {
    const found = own.find(({ usual }) => usual.startsWith(`${part}-${kind}`));
    if (!found) throw missing(folder, part, kind);
    return { path: `${folder}/${found.file}`, name: found.usual };
  };
  const [pictures, classes] = [find("images"), find("labels")];
  const [images, labels] = await Promise.all([
    readIdxImages(pictures.path, { limit, room })
      .then((read) => ({ ...read, name: pictures.name })),
    readIdxFile(classes.path, { limit: Math.min(limit, MOST_LABELS) })
      .then((read) => ({ ...read, name: classes.name })),
  ]);
  return { read: pairExamples(images, labels), files: [images, labels] };
}

function missing(
  folder: string,
  part: FoundFile["part"],
  kind: "images" | "labels",
): Error {
  const names = kind === "labels"
    ? `${part}-labels-idx1-ubyte`
    : `${part}-images-idx3-ubyte or ${part}-images-idx4-ubyte`;
  return new Deno.errors.NotFound(
    `Cannot load a dataset from ${folder}: it must hold ${names}, plain or with .gz: there is none`,
  );
}

/** Reads the IDX files of the folder, each of `limit` values at most. */
async function readIdxFolder(
  { path, entries }: Place,
  { limit = MAX_IDX_BYTES, room }: { limit?: number; room?: PixelRoom } = {},
): Promise<RawDataset> {
  const files = findFiles(entries);
  const prefixes = [...new Set(files.map(({ prefix }) => prefix))];
  if (prefixes.length > 1) {
    throw new SyntaxError(
      `Cannot load a dataset from ${path}: it must hold the files of one: their names begin with ${
        prefixes.map((prefix) => `\`${prefix}\``).join(", ")
      }; put those of one into a folder of their own`,
    );
  }
  if (files.length === 0) throw missing(path, "train", "images");
  const [train, test] = await Promise.all([
    readPart(path, "train", { files, limit, room }),
    readPart(path, "t10k", { files, limit, room }),
  ]);
  return {
    train: train?.read,
    test: test?.read,
    sha256: Object.fromEntries(
      [...train?.files ?? [], ...test?.files ?? []]
        .map(({ name, sha256 }) => [name, sha256]),
    ),
  };
}

/** IDX: images and labels in files of their own, as MNIST and EMNIST are published. */
export const IDX: DataFormat = {
  words: "a folder of IDX files (train-images-idx3-ubyte and its like)",
  reads: ({ entries }) => findFiles(entries).length > 0,
  read: (place, { room }) => readIdxFolder(place, { room }),
};

/**
 * Loads a dataset in IDX form from `folder`, under the usual names
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
 * and `t10k-labels-idx1-ubyte`, each plain or with `.gz`; `.idx3-ubyte`, and a set's
 * name before them as EMNIST's files have it, are read too. Colour images, of four
 * dimensions, are called `idx4`. Image size, channels and the number of classes
 * are read from the files, each of `limit` values at most, 2³⁰ unless given. The
 * dataset is called `name`, or as the folder is. Test files alone make a dataset
 * without training images; of training files alone one image in six is kept to test by.
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
): Promise<Dataset<Uint8Array>> {
  const place = await listPlace(folder);
  if (!place.entries) {
    throw new TypeError(
      `Cannot load a dataset from ${folder}: it must be a folder of four IDX files: it is none; name the folder`,
    );
  }
  const dataset = await composeDataset(await readIdxFolder(place, { limit }), {
    name,
    path: folder,
  });
  assertHeld(dataset);
  return dataset;
}

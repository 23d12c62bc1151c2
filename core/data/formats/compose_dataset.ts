import { createHash } from "node:crypto";
import { shuffledIndices } from "../../random/shuffle.ts";
import { randomStream } from "../../random/stream.ts";
import {
  type Dataset,
  type Examples,
  type ImageShape,
  type Labels,
  makeLabels,
  MOST_CLASSES,
  numberClasses,
  pixelCount,
  selectExamples,
} from "../dataset.ts";
import type { RawDataset, RawPart, ReadingOptions } from "./format.ts";
import { convertImages } from "./pictures/convert_images.ts";
import { convertParts } from "./pixel_sink.ts";

/** One image in six is kept to test by where files divide nothing. */
const TEST_SHARE = 6;
const TEST_SEED = 0;
/** What `sha256` calls the hash of the options that change what is read. */
const READING = "reading options";
/** Characters that a class's name may have. */
const NAME_LENGTH = 100;
/** Bytes of UTF-8 that it may have: as many as a `.dram` file keeps. */
const NAME_BYTES = 255;

/** Whether `name` can be a class's, in a file too. */
function isClassName(name: string): boolean {
  return name.trim() !== "" && name.length <= NAME_LENGTH &&
    name.isWellFormed() && new TextEncoder().encode(name).length <= NAME_BYTES;
}

/** Each of `images` with its rows as columns. */
function transposeImages(
  images: Uint8Array,
  shape: ImageShape,
): Uint8Array<ArrayBuffer> {
  const [height, width, channels] = shape;
  const turned = new Uint8Array(images.length);
  const size = pixelCount(shape);
  for (let image = 0; image < images.length; image += size) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = image + (y * width + x) * channels;
        const to = image + (x * height + y) * channels;
        for (let c = 0; c < channels; c++) turned[to + c] = images[from + c];
      }
    }
  }
  return turned;
}

function largest(labels: ArrayLike<number>): number {
  let most = -1;
  for (let i = 0; i < labels.length; i++) most = Math.max(most, labels[i]);
  return most;
}

/** Throws unless `names` can stand for classes: each another, none empty. */
export function checkClassNames(names: readonly string[]): void {
  const wrong = names.find((name, index) =>
    !isClassName(name) || names.indexOf(name) !== index
  );
  if (wrong === undefined && names.length <= MOST_CLASSES) return;
  throw new SyntaxError(
    wrong === undefined
      ? `Cannot name classes: there must be at most ${MOST_CLASSES}: there are ${names.length}`
      : `Cannot name classes: each must have another name, of 1 to ${NAME_LENGTH} characters and at most ${NAME_BYTES} bytes: one is ${
        JSON.stringify(wrong)
      }`,
  );
}

/** Where each class of the files goes, and what all are called then. */
interface ClassPlan {
  names: string[];
  labelOf(label: number): number;
}

/** Classes that files name: in the files' order, or in that of `wanted`. */
function planNamed(
  found: readonly string[],
  wanted: readonly string[] | undefined,
  path: string,
): ClassPlan {
  if (!wanted) return { names: [...found], labelOf: (label) => label };
  const places = found.map((name) => wanted.indexOf(name));
  const missing = places.indexOf(-1);
  if (missing >= 0) {
    throw new SyntaxError(
      `Cannot use ${path}: each of its classes must be among those that are named: ${
        JSON.stringify(found[missing])
      } is not; add it to --classes`,
    );
  }
  return { names: [...wanted], labelOf: (label) => places[label] };
}

/** Classes that files number, from `first` on. */
function planNumbered(
  parts: RawPart[],
  { first, wanted, path }: {
    first: number;
    wanted: readonly string[] | undefined;
    path: string;
  },
): ClassPlan {
  const most = Math.max(...parts.map(({ labels }) => largest(labels)));
  for (const { labels } of parts) {
    if (labels.every((label) => label >= first)) continue;
    throw new SyntaxError(
      `Cannot use ${path}: labels must be at least ${first}, the number of the first class: found ${
        labels.find((label) => label < first)
      }; pass another --label-offset`,
    );
  }
  const count = most - first + 1;
  if (count > MOST_CLASSES) {
    throw new SyntaxError(
      `Cannot use ${path}: labels must be below ${MOST_CLASSES}: found ${most}`,
    );
  }
  if (wanted && count > wanted.length) {
    throw new SyntaxError(
      `Cannot use ${path}: each class must have a name: there are ${wanted.length}, and labels go to ${most}${
        first > 0 ? `, from ${first}` : ""
      }; name all with --classes, or pass the first one's number with --label-offset`,
    );
  }
  return {
    names: wanted ? [...wanted] : numberClasses(count),
    labelOf: (label) => label - first,
  };
}

function relabel(
  labels: RawPart["labels"],
  { names, labelOf }: ClassPlan,
): Labels {
  if (
    names.length <= 256 && labels instanceof Uint8Array &&
    labels.every((label) => labelOf(label) === label)
  ) return labels;
  const renamed = makeLabels(labels.length, names.length);
  for (let i = 0; i < labels.length; i++) renamed[i] = labelOf(labels[i]);
  return renamed;
}

/** The part's examples as the options want them. */
async function composePart(
  { labels, ...raw }: RawPart,
  plan: ClassPlan,
  { transpose, image, room }: ReadingOptions,
): Promise<Examples> {
  const [height, width, channels] = raw.shape;
  const turned: ImageShape = transpose ? [width, height, channels] : raw.shape;
  const shape = image ?? turned;
  const resized = turned.join() !== shape.join();
  const images = !transpose && !resized ? raw.images : await convertParts(raw, {
    size: pixelCount(shape),
    room,
    convert(pixels) {
      const own = transpose ? transposeImages(pixels, raw.shape) : pixels;
      return resized ? convertImages(own, turned, shape) : own;
    },
  });
  return { count: raw.count, shape, images, labels: relabel(labels, plan) };
}

/** Divides what files don't: by a shuffle that is always the same. */
function divide(whole: Examples, path: string): [Examples, Examples] {
  if (whole.count < 2) {
    throw new RangeError(
      `Cannot use ${path}: it must hold an image to learn from and one to test by: it holds ${whole.count} in all; add images, or call them test images (a folder or file named \`test\`) to score a model on them`,
    );
  }
  const order = shuffledIndices(whole.count, randomStream(TEST_SEED, "test"));
  const tested = Math.max(1, Math.round(whole.count / TEST_SHARE));
  return [
    selectExamples(whole, order.slice(tested).sort()),
    selectExamples(whole, order.slice(0, tested).sort()),
  ];
}

function describeShape(shape: ImageShape): string {
  return shape.join("×");
}

/** Hash of the options that change pixels or labels; none where none does. */
function hashOptions(
  { image, labelOffset = 0, transpose = false, classNames }: ReadingOptions,
  named: boolean,
): Record<string, string> {
  const order = named && classNames ? classNames : null;
  if (!image && labelOffset === 0 && !transpose && !order) return {};
  const said = JSON.stringify([image ?? null, labelOffset, transpose, order]);
  return { [READING]: createHash("sha256").update(said).digest("hex") };
}

/**
 * The dataset called `name` of what the files at `path` hold: labels from 0, classes
 * named, images of one size. Where the files divide nothing, one image in six is kept
 * to test by, chosen by a shuffle that is always the same; where there are test
 * images alone, `train` is empty.
 *
 * Throws a `SyntaxError` where parts don't belong together, or labels don't fit
 * `options`, and a `RangeError` where there are too few images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { composeDataset } from "./compose_dataset.ts";
 *
 * const letters = {
 *   count: 2,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.of(10, 20),
 *   labels: Uint8Array.of(1, 2),
 * };
 * const { classNames, test } = await composeDataset({ train: letters, test: letters, sha256: {} }, {
 *   name: "letters",
 *   path: "letters",
 *   labelOffset: 1,
 *   classNames: ["a", "b"],
 * });
 * assertEquals([classNames, test.labels], [["a", "b"], Uint8Array.of(0, 1)]);
 * ```
 */
export async function composeDataset(
  raw: RawDataset,
  { name, path, ...options }: ReadingOptions & { name: string; path: string },
): Promise<Dataset> {
  const { classNames: wanted, labelOffset = 0 } = options;
  const parts = [raw.train, raw.test].filter((part) => part !== undefined);
  if (wanted) checkClassNames(wanted);
  if (raw.classNames) checkClassNames(raw.classNames);
  const plan = raw.classNames
    ? planNamed(raw.classNames, wanted, path)
    : planNumbered(parts, { first: labelOffset, wanted, path });
  const [first, second] = await Promise.all(
    parts.map((part) => composePart(part, plan, options)),
  );
  if (second && !first.shape.every((n, axis) => n === second.shape[axis])) {
    throw new SyntaxError(
      `Cannot use ${path}: training and test images must have one size: they have ${
        describeShape(first.shape)
      } and ${
        describeShape(second.shape)
      }; bring them to one with --image HxWxC`,
    );
  }
  const classes = plan.names.length;
  const learnt = new Set(raw.train?.labels).size;
  if (raw.train && raw.train.count > 1 && learnt < 2) {
    throw new SyntaxError(
      `Cannot use ${path}: labels must name at least 2 classes: found ${learnt}`,
    );
  }
  const { shape } = first;
  const [train, test] = second
    ? [first, second]
    : raw.train
    ? divide(first, path)
    : [{
      count: 0,
      shape,
      images: new Uint8Array(0),
      labels: makeLabels(0, classes),
    }, first];
  return {
    name,
    shape,
    classes,
    classNames: plan.names,
    // Grey ones are mostly drawn or written; who has photos in grey says so.
    augmentation: shape[2] === 1 ? "digits" : "photos",
    train,
    test,
    sha256: { ...raw.sha256, ...hashOptions(options, !!raw.classNames) },
  };
}

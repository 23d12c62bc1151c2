import type { CommonValues } from "./common_options.ts";
import {
  type Dataset,
  type Examples,
  holdExamples,
  imageParts,
  type ImageShape,
  makeLabels,
  MOST_CLASSES,
  numberClasses,
} from "../../core/data/dataset.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import {
  defaultSplit,
  type SplitDataset,
  splitDataset,
  type SplitSpec,
} from "../../core/data/split.ts";
import { readRegularFile } from "../../core/files/read_regular_file.ts";
import type { BlackBox } from "../../core/models/formats/black_box.ts";
import { formOf } from "../../core/models/formats/teacher.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";
import { UsageError } from "../terminal/errors.ts";
import { flagOf, type OptionTable, type OptionValues } from "./option.ts";
import { ownPath, recordedName } from "./own_path.ts";

/** Data that has a name of its own, which no path is; `./mnist` is a folder. */
const DATA_NAMES = ["mnist", "fashion-mnist"] as const;
/** Pixels that a side may have after `--image`. */
const LONGEST_SIDE = 4096;
/** More bytes than any list of names has. */
const MOST_NAME_BYTES = 2 ** 24;
/** The most classes that training tells apart: reports count each against each. */
const LEARNT_CLASSES = 4096;

/** MiB that images may have in memory: 1 TiB. */
const MOST_MEMORY = 2 ** 20;
/** Where images that memory has no room for lie while a command runs. */
const STORED_IMAGES = ".retort/images";

/** Options of every command that reads data. */
export const DATA_OPTIONS = {
  data: {
    kind: "path",
    reads: "file or folder",
    names: DATA_NAMES,
    placeholder: "PATH|NAME",
    usual: "MNIST",
    help:
      `data of your own: a folder of IDX files, of pictures by class, or of CIFAR's; an .npz, .csv or .parquet file; or by name: ${
        DATA_NAMES.join(", ")
      }`,
  },
  image: {
    kind: "string",
    placeholder: "HxWxC",
    help: "bring the data's images to this size, and to 1 channel or 3",
  },
  labelOffset: {
    kind: "integer",
    min: 0,
    max: MOST_CLASSES,
    usual: "0",
    help: "the number that the data's labels begin with",
  },
  transpose: {
    kind: "boolean",
    help: "exchange the images' rows and columns, as EMNIST's files need it",
  },
  classes: {
    kind: "string",
    placeholder: "a,b,c|FILE",
    help: "names of the data's classes in order: a list, or a file, one a line",
  },
  skipBroken: {
    kind: "boolean",
    help: "leave out pictures that can't be read, instead of stopping",
  },
  memory: {
    kind: "integer",
    placeholder: "MIB",
    min: 0,
    max: MOST_MEMORY,
    default: 512,
    help:
      "what the images of a part may take in memory: more of them are read from files as they are needed",
  },
} as const satisfies OptionTable;

/** Options of commands that score what they are given. */
export const SCORED_OPTIONS = {
  ...DATA_OPTIONS,
  split: {
    kind: "choice",
    choices: ["test", "validation", "train"],
    default: "test",
    help: "which images",
  },
} as const satisfies OptionTable;

/** What a command is told of the data that it reads. */
export type DataValues = Partial<OptionValues<typeof DATA_OPTIONS>>;

/** Bytes of a `--memory` option. */
export function memoryBytes(
  memory: number = DATA_OPTIONS.memory.default,
): number {
  return memory * 2 ** 20;
}

/** Whether all pixels are 0 or 1. */
function isBilevel(examples: Examples): boolean {
  for (const { pixels } of imageParts(examples)) {
    if (!pixels.every((pixel) => pixel < 2)) return false;
  }
  return true;
}

/** What is odd about data that someone brought, though it can be used. */
function listOddities(
  { name, train, test, classes, classNames }: Dataset,
): string[] {
  const shown = train.count > 0 ? train : test;
  const { labels, count } = shown;
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  const empty = [...counts.keys()].filter((label) => counts[label] === 0);
  return [
    ...count > 0 && isBilevel(shown)
      ? [
        `Warning: pixels of ${name} are 0 and 1 only: they are divided by 255, which leaves almost nothing; store them as 0 to 255`,
      ]
      : [],
    ...train.count > 0 && empty.length > 0
      ? [
        `Warning: labels of ${name} go to ${
          classes - 1
        }: of its ${classes} classes ${
          cleanText(
            empty.slice(0, 9).map((label) => classNames[label]).join(", "),
          )
        } have no image to learn from`,
      ]
      : [],
  ];
}

/** Whether `text` is said in the form of a size, "28x28x1", right or wrong, and no path. */
export function isImageSize(text: string): boolean {
  return /^\d+([x×]\d+)+$/i.test(text);
}

/** `text`, "28x28x1", as height, width and channels. */
function readShape(text: string): ImageShape {
  const [, ...extents] = /^(\d{1,5})[x×](\d{1,5})[x×]([13])$/.exec(text) ?? [];
  const [height, width, channels] = extents.map(Number);
  if (
    height >= 1 && width >= 1 && Math.max(height, width) <= LONGEST_SIDE
  ) return [height, width, channels];
  throw new UsageError(
    `Cannot use --image ${text}: it must be HEIGHTxWIDTHxCHANNELS, sides from 1 to ${LONGEST_SIDE}, 1 channel or 3: 32x32x3`,
  );
}

/** Names of classes: `text` itself where it has a comma, else what the file says, one a line. */
export async function readClassNames(text: string): Promise<string[]> {
  if (text.includes(",")) return text.split(",").map((name) => name.trim());
  const bytes = await readRegularFile(text, { limit: MOST_NAME_BYTES });
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** Whether `values` mean MNIST as it is: what the shipped teacher has learnt. */
export function isUsualData({ data }: { data?: string }): boolean {
  return data === undefined || data === "mnist";
}

/**
 * MNIST, or the data that `values` name, with a note of what is odd about that. Of
 * what reads other data than MNIST nothing is loaded until it is asked for.
 */
export async function loadData(
  values: DataValues,
  io: Pick<Io, "note">,
): Promise<Dataset> {
  const { data, image, labelOffset, transpose, classes, skipBroken, memory } =
    values;
  if (data === undefined || data === "mnist") {
    const option = (["image", "labelOffset", "transpose", "classes"] as const)
      .find((name) => values[name] !== undefined && values[name] !== false);
    if (option !== undefined) {
      throw new UsageError(
        `Cannot use ${
          flagOf(option)
        } on MNIST: it is read as it is; name data of your own with --data`,
      );
    }
    return await loadMnist();
  }
  const options = {
    image: image === undefined ? undefined : readShape(image),
    labelOffset,
    transpose,
    classNames: classes === undefined
      ? undefined
      : await readClassNames(classes),
    skipBroken,
    room: { bytes: memoryBytes(memory), folder: ownPath(STORED_IMAGES) },
    onNote: io.note,
  };
  if (data === "fashion-mnist") {
    const { loadFashionMnist } = await import(
      "../../core/data/fashion_mnist.ts"
    );
    return await loadFashionMnist(undefined, options);
  }
  const { loadDataset } = await import(
    "../../core/data/formats/load_dataset.ts"
  );
  const name = cleanText(recordedName(data));
  const dataset = await loadDataset(data, { ...options, name });
  for (const oddity of listOddities(dataset)) io.note(oddity);
  return dataset;
}

/** Throws where `data` has no images to learn from, or more classes than are learnt. */
export function assertLearnable({ name, train, classes }: Dataset): void {
  if (train.count === 0) {
    throw new Error(
      `Cannot learn from ${name}: it must hold images to learn from: it holds test images alone, which \`evaluate\` can score a model on; add training files`,
    );
  }
  if (classes <= LEARNT_CLASSES) return;
  throw new Error(
    `Cannot learn from ${name}: it must have at most ${LEARNT_CLASSES} classes: it has ${classes}; \`data\` and \`evaluate\` take more`,
  );
}

/** What is to be known of validation images, where the model `name` doesn't say which it left out. */
export function unknownSplit(name: string): string {
  return `Warning: how the data was divided when ${name} was trained is not recorded: it may have learnt the validation images, and its accuracy on them may be too high`;
}

/** Throws unless the model, which errors call `name`, reads what `data` holds. */
export function assertFits(
  model: { spec: ModelSpec } | BlackBox,
  data: Dataset | SplitDataset,
  name: string,
): void {
  const describe = (shape: readonly number[], classes: number) =>
    `images of ${shape.join("×")} in ${classes} classes`;
  const { input, classes } = formOf(model);
  const wanted = describe(input, classes);
  const found = describe(data.shape, data.classes);
  if (wanted === found) return;
  // MNIST by its name is read as it is.
  const resize = data.name !== "mnist" &&
    input.join() !== data.shape.join();
  throw new Error(
    `Cannot use ${name} on ${data.name}: it reads ${wanted}: these are ${found}; pass --data with what the model was made for${
      resize ? `, or bring it to that with --image ${input.join("x")}` : ""
    }`,
  );
}

/**
 * `data` with the model's classes: those of equal names where all of the data's are
 * among them, else in order. Classes that the data lacks are no fault: digits without
 * an eight and a nine are still digits. Throws where the model, which errors call
 * `name`, reads other images, or classes can't be told apart so.
 */
export function fitToModel(
  model: { spec: ModelSpec; labels?: readonly string[] } | BlackBox,
  data: Dataset,
  name: string,
): Dataset {
  const { classes } = formOf(model);
  const classNames = "labels" in model && model.labels ||
    numberClasses(classes);
  const places = data.classNames.map((each) => classNames.indexOf(each));
  const named = places.every((place) => place >= 0);
  if (!named && data.classes !== classes) {
    const numbered = data.classNames.every((each, i) => each === `${i}`);
    if (data.classes > classes || !numbered) assertFits(model, data, name);
  }
  const labelOf = (label: number) => named ? places[label] : label;
  const fit = (examples: Examples): Examples => {
    const { labels } = examples;
    if (
      (labels instanceof Uint16Array) === (classes > 256) &&
      labels.every((label) => labelOf(label) === label)
    ) return examples;
    const fitted = makeLabels(labels.length, classes);
    labels.forEach((label, image) => fitted[image] = labelOf(label));
    return { ...examples, labels: fitted };
  };
  const fitted = {
    ...data,
    classes,
    classNames: named || data.classes < classes ? classNames : data.classNames,
    train: fit(data.train),
    test: fit(data.test),
  };
  assertFits(model, fitted, name);
  return fitted;
}

/** The images of `data` that are to be scored; test images need no others beside them. */
export function chooseExamples(
  data: Dataset,
  part: ScoredValues["split"],
  split: SplitSpec = defaultSplit(data),
): Examples {
  return part === "test" ? data.test : splitDataset(data, split)[part];
}

/**
 * The test images of `data` in memory, for what needs all at once: the first ones, with a
 * note, where they lie in files.
 */
export function holdTestImages(
  { name, test }: Dataset | SplitDataset,
  io: Pick<Io, "note">,
): Examples<Uint8Array> {
  const held = holdExamples(test);
  if (held.count < test.count) {
    io.note(
      `proven on the first ${held.count} of ${test.count} test images of ${
        cleanText(name)
      }: more don't fit into memory`,
    );
  }
  return held;
}

/** What a command that scores a file is told. */
export type ScoredValues =
  & OptionValues<typeof SCORED_OPTIONS>
  & CommonValues
  & { file: string };

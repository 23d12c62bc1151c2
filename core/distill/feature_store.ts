import type { Examples, Labels } from "../data/dataset.ts";
import type { SplitDataset } from "../data/split.ts";
import {
  checksum,
  parseSealedJson,
  sealJson,
  sealOf,
  unseal,
} from "../files/checksum.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import {
  bytesPerValue,
  type Precision,
  readCheckedRows,
  type StoredRows,
} from "./feature_file.ts";
import type { SparseFeatures } from "./sparse_features.ts";

/** One part of a dataset as the teacher sees it. */
export interface FeaturePart extends StoredRows {
  /** Number of images. */
  count: number;
  /** The file's whole content, where it is held in memory; shared by workers. */
  resident?: SharedArrayBuffer;
  /** Those of its features that differ from 0, where they are held instead. */
  sparse?: SparseFeatures;
  /** Classes `[count]`. */
  labels: Labels;
  /** The teacher's logits `[count, classes]`. */
  logits: Float32Array<ArrayBuffer>;
}

/** Names of a split dataset's parts. */
export type PartName = "train" | "validation" | "test";

/** All that a student learns from: the teacher's features and logits, on disk. */
export interface FeatureStore {
  /** Numbers an image. */
  width: number;
  /** Logits an image. */
  classes: number;
  /** Training, validation and test images. */
  parts: Record<PartName, FeaturePart>;
}

/**
 * Students read the training features thousands of times and learn with dropout
 * on them, so that 11 bits do; what they are judged by is exact.
 */
export const PART_PRECISION: Record<PartName, Precision> = {
  train: "float16",
  validation: "float32",
  test: "float32",
};

/** The parts in the order in which they are computed. */
export const PART_NAMES: readonly PartName[] = ["validation", "test", "train"];

const VERSION = 2;
const INDEX_FILE = "index.json";
const LOGITS_FILE = "logits.safetensors";
/** Rows that are checked at a time. */
const CHECKED_ROWS = 512;

/** The file of a part's features in the store's folder. */
export function featurePath(folder: string, part: PartName): string {
  return `${folder}/${part}.features`;
}

/** The file of the checksums of a part's features, row by row. */
function checksumPath(folder: string, part: PartName): string {
  return `${folder}/${part}.crc32`;
}

/** The labelled images of each part. */
export function partExamples(
  dataset: SplitDataset,
): Record<PartName, Examples> {
  const { train, validation, test } = dataset;
  return { train, validation, test };
}

/** `view` as bytes. */
function bytesOf(view: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * Completes a store in `folder`, whose features have been written: their checksums and
 * the logits, then the index, without which the folder counts as unfinished.
 */
export async function writeStoreIndex(
  folder: string,
  { width, classes, logits, checksums }: {
    width: number;
    classes: number;
    logits: Record<PartName, Float32Array<ArrayBuffer>>;
    checksums: Record<PartName, Uint32Array<ArrayBuffer>>;
  },
): Promise<void> {
  const tensors = new Map(
    PART_NAMES.map((part): [string, FloatArray] => [part, {
      shape: [logits[part].length / classes, classes],
      values: logits[part],
    }]),
  );
  const file = encodeSafeTensors({ tensors, metadata: {} });
  await writeAtomically(`${folder}/${LOGITS_FILE}`, file);
  for (const part of PART_NAMES) {
    const rows = bytesOf(checksums[part]);
    await writeAtomically(checksumPath(folder, part), [rows, sealOf([rows])]);
  }
  await writeAtomically(
    `${folder}/${INDEX_FILE}`,
    sealJson({ version: VERSION, width, classes, logits: checksum(file) }),
  );
}

/** Throws a `SyntaxError` unless `right`: the file at `path` isn't what was written. */
function demand(right: boolean, path: string, rule: string): asserts right {
  if (!right) throw new SyntaxError(`Cannot read ${path}: it must ${rule}`);
}

async function readIndex(folder: string) {
  const path = `${folder}/${INDEX_FILE}`;
  const text = await Deno.readTextFile(path);
  // Of version 1, which had no checksums.
  demand(
    !text.startsWith('{"version":1,'),
    path,
    "be of version 2: it is of 1",
  );
  const { version, width, classes, logits } = parseSealedJson(text, path);
  demand(
    version === VERSION,
    path,
    `be of version ${VERSION}: it is of ${version}`,
  );
  return { width: Number(width), classes: Number(classes), logits };
}

/** Throws a `SyntaxError` unless the features of a part are what was written. */
async function checkPart(part: FeaturePart, width: number): Promise<void> {
  const { path, count, precision } = part;
  const { size } = await Deno.stat(path);
  const wanted = count * width * bytesPerValue(precision);
  demand(size === wanted, path, `hold ${wanted} bytes: it holds ${size}`);
  for await (const _ of readCheckedRows(part, width, CHECKED_ROWS));
}

/**
 * Reads the store in `folder`, and every byte of its features once; throws
 * `Deno.errors.NotFound` where a file of it is missing, and a `SyntaxError` where one
 * isn't what was written.
 */
async function readStore(
  folder: string,
  dataset: SplitDataset,
): Promise<FeatureStore> {
  const { width, classes, logits } = await readIndex(folder);
  const path = `${folder}/${LOGITS_FILE}`;
  const file = await Deno.readFile(path);
  demand(checksum(file) === logits, path, "have the checksum in the index");
  const { tensors } = decodeSafeTensors(file, path);
  const examples = partExamples(dataset);
  const open = async (name: PartName): Promise<FeaturePart> => {
    const { count, labels } = examples[name];
    const logits = tensors.get(name);
    demand(
      logits?.shape.join() === `${count},${classes}`,
      path,
      `hold ${count} rows of ${name}`,
    );
    const sums = checksumPath(folder, name);
    const rows = unseal(await Deno.readFile(sums), sums);
    demand(rows.length === 4 * count, sums, `hold ${count} checksums`);
    const part: FeaturePart = {
      count,
      path: featurePath(folder, name),
      precision: PART_PRECISION[name],
      checksums: new Uint32Array(rows.slice().buffer),
      labels,
      logits: logits.values,
    };
    await checkPart(part, width);
    return part;
  };
  const [train, validation, test] = await Promise.all([
    open("train"),
    open("validation"),
    open("test"),
  ]);
  return { width, classes, parts: { train, validation, test } };
}

/**
 * Opens the store in `folder` for `dataset`; `undefined` where there is none, or
 * an unfinished one, or one whose files are not what was written, which `onDamage` is
 * told of: it is then to be computed anew.
 */
export async function openFeatureStore(
  folder: string,
  dataset: SplitDataset,
  onDamage?: (reason: string) => void,
): Promise<FeatureStore | undefined> {
  try {
    return await readStore(folder, dataset);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    onDamage?.(error.message);
    return undefined;
  }
}

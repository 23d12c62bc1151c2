import type { Examples } from "../data/dataset.ts";
import type { SplitDataset } from "../data/split.ts";
import { parseJsonObject } from "../files/json.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { bytesPerValue, type Precision } from "./feature_file.ts";
import type { SparseFeatures } from "./sparse_features.ts";

/** One part of a dataset as the teacher sees it. */
export interface FeaturePart {
  /** Number of images. */
  count: number;
  /** File of the features `[count, width]`. */
  path: string;
  /** How that file's numbers are stored. */
  precision: Precision;
  /** The file's whole content, where it is held in memory; shared by workers. */
  resident?: SharedArrayBuffer;
  /** Those of its features that differ from 0, where they are held instead. */
  sparse?: SparseFeatures;
  /** Classes `[count]`. */
  labels: Uint8Array;
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

const VERSION = 1;
const INDEX_FILE = "index.json";
const LOGITS_FILE = "logits.safetensors";

/** The file of a part's features in the store's folder. */
export function featurePath(folder: string, part: PartName): string {
  return `${folder}/${part}.features`;
}

/** The labelled images of each part. */
export function partExamples(
  dataset: SplitDataset,
): Record<PartName, Examples> {
  const { train, validation, test } = dataset;
  return { train, validation, test };
}

/**
 * Completes a store in `folder`, whose features have been written: logits, then
 * the index, without which the folder counts as unfinished.
 */
export async function writeStoreIndex(
  folder: string,
  { width, classes, logits }: {
    width: number;
    classes: number;
    logits: Record<PartName, Float32Array<ArrayBuffer>>;
  },
): Promise<void> {
  const tensors = new Map(
    PART_NAMES.map((part): [string, FloatArray] => [part, {
      shape: [logits[part].length / classes, classes],
      values: logits[part],
    }]),
  );
  await writeAtomically(
    `${folder}/${LOGITS_FILE}`,
    encodeSafeTensors({ tensors, metadata: {} }),
  );
  await writeAtomically(
    `${folder}/${INDEX_FILE}`,
    JSON.stringify({ version: VERSION, width, classes }),
  );
}

/** Reads the store in `folder`; throws where a file of it is missing or malformed. */
async function readStore(
  folder: string,
  dataset: SplitDataset,
): Promise<FeatureStore | undefined> {
  const source = `${folder}/${INDEX_FILE}`;
  const index = parseJsonObject(await Deno.readTextFile(source), source);
  const { version, width, classes } = index;
  if (
    version !== VERSION || typeof width !== "number" ||
    typeof classes !== "number"
  ) return undefined;
  const { tensors } = decodeSafeTensors(
    await Deno.readFile(`${folder}/${LOGITS_FILE}`),
    `${folder}/${LOGITS_FILE}`,
  );
  const examples = partExamples(dataset);
  const open = async (part: PartName): Promise<FeaturePart | undefined> => {
    const { count, labels } = examples[part];
    const logits = tensors.get(part);
    const path = featurePath(folder, part);
    const precision = PART_PRECISION[part];
    const { size } = await Deno.stat(path);
    const whole = size === count * width * bytesPerValue(precision) &&
      logits?.shape.join() === `${count},${classes}`;
    if (!whole) return undefined;
    return { count, path, precision, labels, logits: logits.values };
  };
  const [train, validation, test] = await Promise.all([
    open("train"),
    open("validation"),
    open("test"),
  ]);
  if (!train || !validation || !test) return undefined;
  return { width, classes, parts: { train, validation, test } };
}

/**
 * Opens the store in `folder` for `dataset`; `undefined` where there is none, or
 * an unfinished one, or one whose files are not what the index says: it is then
 * to be computed anew.
 */
export async function openFeatureStore(
  folder: string,
  dataset: SplitDataset,
): Promise<FeatureStore | undefined> {
  try {
    return await readStore(folder, dataset);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

import { checksum, parseSealedJson, sealJson } from "../../files/checksum.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../../files/safetensors.ts";
import { isRecord } from "../../files/json.ts";
import { readRegularFile } from "../../files/read_regular_file.ts";
import { writeAllAtomically } from "../../files/write_atomically.ts";
import { decodeDram } from "../../infer/decode_dram.ts";
import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { encodeDram } from "../code/encode_dram.ts";
import { encodedModelOf } from "./encoded_model_of.ts";
import type { StageReport } from "./stage_report.ts";
import type { StageResult } from "./stage_result.ts";

/** A finished stage: what it made and what that is like. */
export interface FinishedStage {
  result: StageResult;
  report: StageReport;
}

/** What the JSON file of a stage holds; the key tells what it was made from and how. */
interface StageIndex {
  key: string;
  spec: ModelSpec;
  report: StageReport;
  /** Checksum of each of the other files. */
  checksums: { dram: number; masks: number };
}

/** Bytes of a stage's file, at the most: masks as float32 take the most. */
const MOST_BYTES = 2 ** 30;

/** Whether `value` may be an index; who wrote its key wrote the rest. */
function isStageIndex(value: object): value is StageIndex {
  return "key" in value && typeof value.key === "string" &&
    "spec" in value && isRecord(value.spec) &&
    "report" in value && isRecord(value.report) &&
    "checksums" in value && isRecord(value.checksums);
}

function pathsOf(folder: string, stage: number) {
  const path = `${folder}/stage-${stage}`;
  return {
    dram: `${path}.dram`,
    masks: `${path}.safetensors`,
    index: `${path}.json`,
  };
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Keeps a finished stage in `folder`: its model as a `.dram` file, its masks, and
 * last, without which it doesn't count, an index with `key` and the report.
 */
export async function saveStage(
  folder: string,
  stage: number,
  key: string,
  { result, report }: FinishedStage,
  labels: string[],
): Promise<void> {
  const paths = pathsOf(folder, stage);
  const { spec, weights, masks } = result.model;
  const tensors = new Map(
    masks.map((mask, index): [string, FloatArray] => [`mask.${index}`, {
      shape: weights[index].shape,
      values: Float32Array.from(mask),
    }]),
  );
  const dram = encodeDram(encodedModelOf(result, labels));
  const file = encodeSafeTensors({ tensors, metadata: {} });
  const checksums = { dram: checksum(dram), masks: checksum(file) };
  const index: StageIndex = { key, spec, report, checksums };
  // One of another setting mustn't vouch for these files where this stops between two.
  await removeIfThere(paths.index);
  await writeAllAtomically([
    [paths.dram, dram],
    [paths.masks, file],
    [paths.index, sealJson(index)],
  ]);
}

/**
 * The stage that {@linkcode saveStage} kept in `folder` under `key`; `undefined` where
 * there is none, an unfinished one, one of another key, or one whose files aren't what
 * was written, which `onDamage` is told of.
 */
export async function loadStage(
  folder: string,
  stage: number,
  key: string,
  onDamage?: (reason: string) => void,
): Promise<FinishedStage | undefined> {
  try {
    return await readStage(pathsOf(folder, stage), key);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // Cut short, changed, or of another version of the format: to be made again.
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) {
      throw error;
    }
    onDamage?.(error.message);
    return undefined;
  }
}

/** The sealed index at `path`, as it was written. */
async function readIndex(path: string): Promise<StageIndex> {
  const bytes = await readRegularFile(path, { limit: MOST_BYTES });
  const index = parseSealedJson(new TextDecoder().decode(bytes), path);
  if (isStageIndex(index)) return index;
  throw new SyntaxError(
    `Cannot read ${path}: it must be a stage's index: it is another record`,
  );
}

/** The file at `path`; throws a `SyntaxError` unless it has the checksum `wanted`. */
async function readChecked(
  path: string,
  wanted: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readRegularFile(path, { limit: MOST_BYTES });
  if (checksum(bytes) === wanted) return bytes;
  throw new SyntaxError(
    `Cannot read ${path}: it must be what was written: its checksum is another`,
  );
}

/** Throws a `SyntaxError` or a `RangeError` where a file is damaged. */
async function readStage(
  paths: ReturnType<typeof pathsOf>,
  key: string,
): Promise<FinishedStage | undefined> {
  const index = await readIndex(paths.index);
  if (index.key !== key) return undefined;
  const { spec, report, checksums } = index;
  const dram = await readChecked(paths.dram, checksums.dram);
  const file = await readChecked(paths.masks, checksums.masks);
  const { free, epoch } = report;
  const { tensors } = decodeDram(dram);
  const { tensors: kept } = decodeSafeTensors(file, paths.masks);
  const masks = tensors.map((_, index) => {
    const mask = kept.get(`mask.${index}`);
    if (mask) return Uint8Array.from(mask.values);
    throw new SyntaxError(`Cannot read ${paths.masks}: no mask ${index}`);
  });
  return {
    report,
    result: {
      model: { spec, weights: tensors.map(decodeTensor), masks },
      tensors,
      ...(epoch === undefined ? {} : { epoch }),
      ...(free ? { free } : {}),
    },
  };
}

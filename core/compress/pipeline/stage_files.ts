import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../../files/safetensors.ts";
import { isRecord, parseJsonObject } from "../../files/json.ts";
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
}

/** Bytes of a stage's file, at the most: masks as float32 take the most. */
const MOST_BYTES = 2 ** 30;

/** Whether `value` may be an index; who wrote its key wrote the rest. */
function isStageIndex(value: object): value is StageIndex {
  return "key" in value && typeof value.key === "string" &&
    "spec" in value && isRecord(value.spec) &&
    "report" in value && isRecord(value.report);
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
  const index: StageIndex = { key, spec, report };
  // One of another setting mustn't vouch for these files where this stops between two.
  await removeIfThere(paths.index);
  await writeAllAtomically([
    [paths.dram, encodeDram(encodedModelOf(result, labels))],
    [paths.masks, encodeSafeTensors({ tensors, metadata: {} })],
    [paths.index, JSON.stringify(index, null, 2)],
  ]);
}

/**
 * The stage that {@linkcode saveStage} kept in `folder` under `key`; `undefined` where
 * there is none, an unfinished or damaged one, or one of another key.
 */
export async function loadStage(
  folder: string,
  stage: number,
  key: string,
): Promise<FinishedStage | undefined> {
  try {
    return await readStage(pathsOf(folder, stage), key);
  } catch (error) {
    // Cut short, or of another version of the format: to be made again.
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof RangeError) return undefined;
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Throws a `SyntaxError` or a `RangeError` where a file is damaged. */
async function readStage(
  paths: ReturnType<typeof pathsOf>,
  key: string,
): Promise<FinishedStage | undefined> {
  const [text, dram, safetensors] = await Promise.all(
    [paths.index, paths.dram, paths.masks].map((path) =>
      readRegularFile(path, { limit: MOST_BYTES })
    ),
  );
  const index = parseJsonObject(new TextDecoder().decode(text), paths.index);
  if (!isStageIndex(index) || index.key !== key) return undefined;
  const { spec, report } = index;
  const { free, epoch } = report;
  const { tensors } = decodeDram(dram);
  const { tensors: kept } = decodeSafeTensors(safetensors, paths.masks);
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

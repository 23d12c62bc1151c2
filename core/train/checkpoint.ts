import { sealOf, unseal } from "../files/checksum.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import type * as tf from "../tf.ts";
import { keptColumns } from "./compaction.ts";
import {
  toArray,
  toTensor,
  type TrainingPosition,
  type TrainingState,
} from "./training_state.ts";

/** Changes with what a checkpoint holds: another version can't be gone on from. */
export const CHECKPOINT_VERSION = "3";

/** Every tensor of `state` under the name that a checkpoint gives it. */
function nameTensors(
  { weights, average = [], best, optimiser }: TrainingState,
): [string, tf.Tensor][] {
  const number = (kind: string, tensors: tf.Tensor[]) =>
    tensors.map((tensor, index): [string, tf.Tensor] => [
      `${kind}.${index}`,
      tensor,
    ]);
  return [
    ...number("weight", weights),
    ...number("average", average),
    ...number("best", best),
    ...optimiser.flatMap((slots, index) => number(`optimiser.${index}`, slots)),
  ];
}

/**
 * Writes `state` to the file at `path`, whole or not at all. `run` says which
 * run it belongs to; resuming another with it is refused.
 */
export async function saveCheckpoint(
  path: string,
  state: TrainingState,
  run: string,
): Promise<void> {
  const tensors = new Map<string, FloatArray>();
  for (const [name, tensor] of nameTensors(state)) {
    tensors.set(name, await toArray(tensor));
  }
  state.retired?.forEach((array, index) =>
    tensors.set(`retired.${index}`, array)
  );
  const position = JSON.stringify(state.position);
  const metadata = { version: CHECKPOINT_VERSION, run, position };
  const content = encodeSafeTensors({ tensors, metadata });
  await writeAtomically(path, [content, sealOf([content])]);
}

const COUNTERS = ["epoch", "batch", "step", "seen"];
const LISTS = ["lossSums", "correct", "members", "active"];

function isPosition(value: unknown): value is TrainingPosition {
  if (typeof value !== "object" || value === null) return false;
  return COUNTERS.every((key) =>
    Number.isSafeInteger(Reflect.get(value, key))
  ) &&
    LISTS.every((key) => Array.isArray(Reflect.get(value, key)));
}

/** The position that the checkpoint at `path` tells as JSON. */
function parsePosition(text: string, path: string): TrainingPosition {
  try {
    const position: unknown = JSON.parse(text);
    if (isPosition(position)) return position;
  } catch {
    // Told below.
  }
  throw new SyntaxError(
    `Cannot resume from ${path}: it must tell the run's position: it does not; remove it to begin anew`,
  );
}

/** What a checkpoint is for. */
export interface CheckpointRun {
  /** The state of the run before it has begun, whose shapes it has. */
  fresh: TrainingState;
  /** Says which run it must belong to. */
  run: string;
  /** Of the members' columns, as a learner's. */
  owners: Int32Array[];
}

/** The state in `file`; throws a `SyntaxError` where it isn't what was written. */
function decodeCheckpoint(
  file: Uint8Array<ArrayBuffer>,
  path: string,
  { fresh, run, owners }: CheckpointRun,
): TrainingState {
  // A member that has diverged stands in it with what it had then.
  const { tensors, metadata } = decodeSafeTensors(unseal(file, path), path, {
    finite: false,
  });
  if (metadata.run !== run) {
    throw new Error(
      `Cannot resume from ${path}: it must be a checkpoint of this very run: it belongs to another configuration; remove it to begin anew`,
    );
  }
  const position = parsePosition(metadata.position, path);
  const check = (name: string, shape: number[]): FloatArray => {
    const array = tensors.get(name);
    if (array?.shape.join() !== shape.join()) {
      throw new SyntaxError(
        `Cannot resume from ${path}: tensor ${name} must have shape [${shape}]: it has [${array?.shape}]`,
      );
    }
    return array;
  };
  const columns = keptColumns(owners, position.active);
  const left = ({ shape }: tf.Tensor, weight: number) => [
    ...shape.slice(0, -1),
    columns[weight].length,
  ];
  // All are checked before the first becomes a tensor, so that none leaks.
  const arrays = {
    weights: fresh.weights.map((like, i) =>
      check(`weight.${i}`, left(like, i))
    ),
    average: fresh.average &&
      fresh.weights.map((like, i) => check(`average.${i}`, left(like, i))),
    best: fresh.best.map((like, i) => check(`best.${i}`, left(like, i))),
    optimiser: fresh.optimiser.map((slots, i) =>
      slots.map((like, slot) => check(`optimiser.${i}.${slot}`, left(like, i)))
    ),
  };
  const isWhole = position.active.length === position.members.length;
  const retired = isWhole
    ? undefined
    : fresh.weights.map((like, i) => check(`retired.${i}`, like.shape));
  return {
    weights: arrays.weights.map(toTensor),
    average: arrays.average?.map(toTensor),
    best: arrays.best.map(toTensor),
    optimiser: arrays.optimiser.map((slots) => slots.map(toTensor)),
    position,
    retired,
  };
}

/**
 * Says that the checkpoint at `path` can't be gone on from, and puts it aside, as
 * PATH.damaged, so that it may be looked into, and isn't met again.
 */
async function setAside(
  path: string,
  reason: string,
  onNote?: (note: string) => void,
): Promise<void> {
  await Deno.rename(path, `${path}.damaged`);
  onNote?.(
    `training begins anew, and what it can't go on from is now ${path}.damaged: ${reason}`,
  );
}

/** Whether `file` was written by a version that put no seal behind its files. */
function isUnsealed(file: Uint8Array<ArrayBuffer>, path: string): boolean {
  try {
    return decodeSafeTensors(file, path).metadata.version === "2";
  } catch {
    return false;
  }
}

/**
 * Loads the checkpoint at `path` into the shape of a run that has not begun, without
 * the columns of members that had left it; `undefined` where there is no such file.
 *
 * One that a byte has changed in, or that another version has written, is put aside,
 * and `onNote` told why: `undefined` then too. Throws an `Error` where it belongs to
 * another run, and what the file system throws.
 */
export async function loadCheckpoint(
  path: string,
  expected: CheckpointRun,
  onNote?: (note: string) => void,
): Promise<TrainingState | undefined> {
  let file: Uint8Array<ArrayBuffer>;
  try {
    file = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return decodeCheckpoint(file, path, expected);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = isUnsealed(file, path)
      ? `it must be of version ${CHECKPOINT_VERSION}: it is of 2`
      : error.message;
    await setAside(path, reason, onNote);
    return undefined;
  }
}

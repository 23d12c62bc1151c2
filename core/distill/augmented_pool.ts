import {
  type AugmentationSpec,
  checkAugmentation,
} from "../data/augmentation.ts";
import { type Examples, hashValues, pixelCount } from "../data/dataset.ts";
import { sha256Hex } from "../data/formats/idx_file.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { sealOf, unseal } from "../files/checksum.ts";
import { explainFullDisk } from "../files/explain_full_disk.ts";
import { removeLeftovers } from "../files/temporary_file.ts";
import { waitForLock } from "../files/wait_for_lock.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { formOf, type Teacher } from "../models/formats/teacher.ts";
import type { LabelledImages } from "../train/evaluate_model.ts";
import { describeWorkerBackend } from "../train/worker_backend.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { runPool } from "../workers/run_pool.ts";
import { ASKED_AT_ONCE, type AskedTeacher } from "./open_teacher.ts";
import type { PoolEvent, PoolTask } from "./pool_worker.ts";

/** One copy's part of a pool. */
interface PoolCopy {
  /** Pixels `[count, height, width, channels]`. */
  images: Uint8Array<SharedArrayBuffer>;
  /** The teacher's logits `[count, classes]`. */
  logits: Float32Array<SharedArrayBuffer>;
}

/** The file of copy `copy` in a pool's folder. */
function poolFile(folder: string, copy: number): string {
  return `${folder}/copy-${copy}`;
}

/** `view` as bytes that a file can be written from. */
function toBytes(
  { buffer, byteOffset, byteLength }: Uint8Array | Float32Array,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Writes a copy, logits first, whole or not at all, with a seal behind them. */
async function writePoolCopy(
  path: string,
  { images, logits }: PoolCopy,
): Promise<void> {
  const parts = [toBytes(logits), toBytes(images)];
  await writeAtomically(path, [...parts, sealOf(parts)]);
}

/**
 * Reads the copy at `path` into `into`; false where there is none, or one that isn't
 * what was written, which `onDamage` is told of: it is then to be made anew.
 */
export async function readPoolCopy(
  path: string,
  { images, logits }: PoolCopy,
  onDamage: (reason: string) => void,
): Promise<boolean> {
  try {
    const bytes = unseal(await Deno.readFile(path), path);
    const { buffer, byteOffset, byteLength } = logits;
    const wanted = byteLength + images.length;
    if (bytes.length !== wanted) {
      throw new SyntaxError(
        `Cannot read ${path}: it must hold ${wanted} bytes: it holds ${bytes.length}`,
      );
    }
    new Uint8Array(buffer, byteOffset, byteLength).set(
      bytes.subarray(0, byteLength),
    );
    images.set(bytes.subarray(byteLength));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (!(error instanceof SyntaxError)) throw error;
    onDamage(error.message);
    return false;
  }
}

/** What a pool holds, as plain data. */
export interface PoolSpec {
  /** How copies differ from the originals. */
  augmentation: AugmentationSpec;
  /** How many there are of each image, the original among them. */
  copies: number;
  /** Decides what each copy looks like. */
  seed: number;
}

/** How {@linkcode openPool} proceeds. */
export interface PoolOptions {
  /** Folder that holds a folder for each pool. */
  cache: string;
  /** Backend that each worker selects. */
  backend: BackendChoice;
  /** Workers at a time. */
  workers: number;
  /** Told how many images are done, of how many, where some have to be made. */
  onProgress?: (done: number, total: number) => void;
  /** Told in a sentence why copies that were kept are not used. */
  onNote?: (note: string) => void;
  /** Stops the computation when aborted; finished copies stay. */
  signal?: AbortSignal;
}

const VERSION = 1;
const FLOAT_BYTES = 4;
/** Batches that a worker is started for, where one alone could do all. */
const LEAST_BATCHES = 8;

function checkCopies(copies: number): void {
  if (Number.isInteger(copies) && copies >= 1 && copies <= 1000) return;
  throw new RangeError(
    `Cannot make a pool: \`copies\` must be an integer from 1 to 1000: current value is ${copies}`,
  );
}

/** Tells pools apart; how many copies there are is not part of it. */
async function poolName(
  teacher: Pick<Teacher, "sha256">,
  { images, labels, shape }: Examples,
  { augmentation, seed }: PoolSpec,
): Promise<string> {
  const identity = JSON.stringify([
    VERSION,
    teacher.sha256,
    shape,
    hashValues(images),
    hashValues(labels),
    augmentation,
    seed,
  ]);
  return (await sha256Hex(new TextEncoder().encode(identity))).slice(0, 24);
}

/** What a worker is sent of `teacher`: of a row no manifest, which is of no use there. */
function askedOf(teacher: Teacher): AskedTeacher {
  if (teacher.kind === "box") return teacher;
  const { kind, spec, weights } = teacher;
  return { kind, spec, weights };
}

/** A copy of `count` images in about as many parts as workers would idle without. */
function cutCopy(
  count: number,
  workers: number,
): (readonly [first: number, last: number])[] {
  const share = count / Math.ceil(workers);
  // Whole batches: an image's answer may depend, in its last bits, on its neighbours.
  const size = Math.max(LEAST_BATCHES, Math.ceil(share / ASKED_AT_ONCE)) *
    ASKED_AT_ONCE;
  return Array.from(
    { length: Math.max(1, Math.ceil(count / size)) },
    (_, part) => [
      part * size,
      Math.min(count, (part + 1) * size),
    ],
  );
}

/** Shared memory of `bytes` bytes; throws a `RangeError` where there isn't as much. */
function allocateShared(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    throw new RangeError(
      `Cannot make a pool: it must fit into memory: it needs ${bytes} bytes in a row; ask for fewer copies`,
      { cause: error },
    );
  }
}

/** Shared memory for `copies` of `examples`, their labels written. */
function allocatePool(
  { count, shape, labels }: Examples,
  copies: number,
  classes: number,
) {
  const size = pixelCount(shape);
  const total = copies * count;
  const images = new Uint8Array(allocateShared(total * size));
  const logits = new Float32Array(
    allocateShared(total * classes * FLOAT_BYTES),
  );
  const repeated = labels instanceof Uint16Array
    ? new Uint16Array(allocateShared(total * labels.BYTES_PER_ELEMENT))
    : new Uint8Array(allocateShared(total));
  for (let copy = 0; copy < copies; copy++) repeated.set(labels, copy * count);
  const partOf = (copy: number): PoolCopy => ({
    images: images.subarray(copy * count * size, (copy + 1) * count * size),
    logits: logits.subarray(
      copy * count * classes,
      (copy + 1) * count * classes,
    ),
  });
  return {
    examples: { count: total, shape, images, labels: repeated },
    logits,
    partOf,
  };
}

/**
 * `copies` of every one of `examples`, the originals first and then augmented
 * ones, with the teacher's logits of those very images: example c · count + i is
 * copy c of image i. All of it lies in shared memory, so that workers read it
 * without having a copy of their own: MNIST's 55,000 take 45 MB a copy.
 *
 * What has been made is kept on disk, each copy by itself, and made again where a byte
 * of it has changed: a stop of any kind loses
 * at most the copies under way, and a pool of more copies goes on from one of fewer.
 * One process at a time makes a pool; others wait for it.
 *
 * Throws a `RangeError` where `spec` is unusable or memory too small, what the file
 * system throws, a full disk included, and the signal's reason when that is aborted.
 *
 * Source: Beyer et al., "Knowledge distillation: a good teacher is patient and
 * consistent", 2021: teacher and student see the same view of an image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { DIGIT_AUGMENTATION } from "../data/augmentation.ts";
 * import { openPool } from "./augmented_pool.ts";
 *
 * const { train } = makeBars();
 * const { examples, teacherLogits } = await openPool(
 *   await makeBarsTeacher(),
 *   train,
 *   { augmentation: DIGIT_AUGMENTATION, copies: 2, seed: 1 },
 *   { cache: await Deno.makeTempDir(), backend: "wasm", workers: 1 },
 * );
 * assertEquals(examples.images.subarray(0, train.images.length), train.images);
 * assertEquals([examples.count, teacherLogits?.length], [2 * 96, 2 * 96 * 3]);
 * ```
 */
export async function openPool(
  teacher: Teacher,
  examples: Examples,
  spec: PoolSpec,
  { cache, backend, workers, onProgress, onNote, signal }: PoolOptions,
): Promise<LabelledImages> {
  const { augmentation, copies, seed } = spec;
  checkAugmentation(augmentation);
  checkCopies(copies);
  const name = await poolName(teacher, examples, spec);
  const folder = `${cache}/${name}`;
  const pool = allocatePool(examples, copies, formOf(teacher).classes);
  const every = Array.from({ length: copies }, (_, copy) => copy);

  const readAll = async (onDamage: (reason: string) => void) => {
    const missing: number[] = [];
    for (const copy of every) {
      const path = poolFile(folder, copy);
      const whole = await readPoolCopy(path, pool.partOf(copy), onDamage);
      if (!whole) missing.push(copy);
    }
    return missing;
  };
  const make = async (missing: number[]) => {
    const total = missing.length * examples.count;
    let done = 0;
    const parts = missing.flatMap((copy) =>
      cutCopy(examples.count, workers / missing.length)
        .map((range) => ({ copy, range }))
    );
    const left = new Map(
      missing.map((copy) => [copy, parts.length / missing.length]),
    );
    await runPool(parts, workers, async ({ copy, range }) => {
      const part = pool.partOf(copy);
      const task: PoolTask = {
        teacher: askedOf(teacher),
        examples,
        augmentation,
        seed,
        copy,
        range,
        ...part,
        backend: describeWorkerBackend(backend),
      };
      await runInWorker<PoolTask, PoolEvent, void>(
        new URL("./pool_worker.ts", import.meta.url),
        task,
        { signal, onEvent: (count) => onProgress?.(done += count, total) },
      );
      const rest = (left.get(copy) ?? 1) - 1;
      left.set(copy, rest);
      if (rest === 0) await writePoolCopy(poolFile(folder, copy), part);
    });
  };

  let damaged = 0;
  let missing = await readAll((reason) => {
    if (++damaged === 1) {
      onNote?.(`augmented images are made anew: ${reason}`);
    }
  });
  if (missing.length > 0) {
    try {
      await Deno.mkdir(folder, { recursive: true });
      using _lock = await waitForLock(folder, signal);
      await removeLeftovers(folder);
      missing = await readAll(() => {}); // It has been told.
      await make(missing);
    } catch (error) {
      throw explainFullDisk(error, folder);
    }
  }
  return {
    examples: pool.examples,
    teacherLogits: pool.logits,
    identity: `pool ${name} of ${copies}`,
  };
}

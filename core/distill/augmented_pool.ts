import {
  type AugmentationSpec,
  checkAugmentation,
} from "../data/augmentation.ts";
import {
  type Examples,
  hashImages,
  hashValues,
  type Labels,
  pixelCount,
  type Pixels,
} from "../data/dataset.ts";
import { sha256Hex } from "../data/formats/idx_file.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { sealOf, unseal } from "../files/checksum.ts";
import { explainFullDisk } from "../files/explain_full_disk.ts";
import { removeLeftovers } from "../files/temporary_file.ts";
import { waitForLock } from "../files/wait_for_lock.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { identifyAnswers } from "../models/formats/black_box.ts";
import { formOf, type Teacher } from "../models/formats/teacher.ts";
import type { LabelledImages } from "../train/evaluate_model.ts";
import { describeWorkerBackend } from "../train/worker_backend.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { runPool } from "../workers/run_pool.ts";
import { ASKED_AT_ONCE, type AskedTeacher } from "./open_teacher.ts";
import type { PoolEvent, PoolTask } from "./pool_worker.ts";
import {
  readStoredCopy,
  type StoredCopy,
  writeStoredCopy,
} from "./stored_pool.ts";

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
  /** Bytes that images may have in memory: those of a larger pool stay in its files. */
  memory?: number;
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
  teacher: Teacher,
  examples: Examples,
  { augmentation, seed }: PoolSpec,
): Promise<string> {
  const identity = JSON.stringify([
    VERSION,
    teacher.sha256,
    examples.shape,
    hashImages(examples),
    hashValues(examples.labels),
    augmentation,
    seed,
    ...teacher.kind === "box" ? [identifyAnswers(teacher)] : [],
  ]);
  return (await sha256Hex(new TextEncoder().encode(identity))).slice(0, 24);
}

/** What a worker is sent of `teacher`: of a row no manifest, which is of no use there. */
function askedOf(teacher: Teacher): AskedTeacher {
  if (teacher.kind === "box") return teacher;
  const { kind, spec, weights } = teacher;
  return { kind, spec, weights };
}

/** The images of a copy of `count`, for `workers` of them to share. */
function cutCopy(count: number, workers: number): PoolTask["range"][] {
  // Whole batches: an image's answer may depend, in its last bits, on its neighbours.
  const size = ASKED_AT_ONCE *
    Math.max(LEAST_BATCHES, Math.ceil(count / workers / ASKED_AT_ONCE));
  return Array.from(
    { length: Math.max(1, Math.ceil(count / size)) },
    (_, part) => [part * size, Math.min(count, (part + 1) * size)],
  );
}

/** Shared memory of `bytes` bytes; throws a `RangeError` where there isn't as much. */
function allocateShared(bytes: number, copies: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    throw new RangeError(
      `Cannot make a pool: it must fit into memory: it needs ${bytes} bytes in a row; ${
        copies > 1 ? "ask for fewer copies" : "take fewer images"
      }`,
      { cause: error },
    );
  }
}

/** Shared memory for the labels of `copies` of the images that have `labels`. */
function repeatLabels(labels: Labels, copies: number): Labels {
  const total = copies * labels.length;
  const repeated = labels instanceof Uint16Array
    ? new Uint16Array(allocateShared(total * labels.BYTES_PER_ELEMENT, copies))
    : new Uint8Array(allocateShared(total, copies));
  for (let copy = 0; copy < copies; copy++) {
    repeated.set(labels, copy * labels.length);
  }
  return repeated;
}

/** Shared memory for the logits of `copies` of `count` images, and each copy's part of it. */
function allocateLogits(
  { count, copies, classes }: {
    count: number;
    copies: number;
    classes: number;
  },
  memory: number,
) {
  const size = count * classes;
  const bytes = copies * size * FLOAT_BYTES;
  if (bytes > memory) {
    const group = (value: number) => value.toLocaleString("en");
    throw new RangeError(
      `Cannot make a pool: the teacher's logits${
        copies > 1 ? " of all copies" : ""
      } must fit into memory: they take ${group(bytes)} bytes, and may have ${
        group(memory)
      }; ${
        copies > 1 ? "ask for fewer copies, or " : ""
      }allow more with --memory MIB`,
    );
  }
  const logits = new Float32Array(allocateShared(bytes, copies));
  const partOf = (copy: number) =>
    logits.subarray(copy * size, (copy + 1) * size);
  return { logits, partOf };
}

/** How a pool's copies are kept: one by one, in files and memory, or in files alone. */
interface PoolPlace {
  /** Where the images of all copies are, once they are made. */
  images: Pixels;
  /** Reads a copy; false where there is none that is whole. */
  read(copy: number, onDamage: (reason: string) => void): Promise<boolean>;
  /** Keeps a copy, which `make` puts to the place that it is told. */
  write(
    copy: number,
    make: (images: PoolTask["images"]) => Promise<void>,
  ): Promise<void>;
}

interface PoolExtent {
  folder: string;
  copies: number;
  /** Images of a copy. */
  count: number;
  /** Bytes of each. */
  size: number;
  logitsOf: (copy: number) => Float32Array<SharedArrayBuffer>;
}

/** Shared memory for all copies. */
function holdPool(
  { folder, copies, count, size, logitsOf }: PoolExtent,
): PoolPlace {
  const bytes = count * size;
  const images = new Uint8Array(allocateShared(copies * bytes, copies));
  const partOf = (copy: number): PoolCopy => ({
    images: images.subarray(copy * bytes, (copy + 1) * bytes),
    logits: logitsOf(copy),
  });
  return {
    images,
    read: (copy, onDamage) =>
      readPoolCopy(poolFile(folder, copy), partOf(copy), onDamage),
    async write(copy, make) {
      const part = partOf(copy);
      await make(part.images);
      await writePoolCopy(poolFile(folder, copy), part);
    },
  };
}

/** The files themselves, of which images are read as they are needed. */
function storePool(
  { folder, copies, count, size, logitsOf }: PoolExtent,
): PoolPlace {
  const partOf = (copy: number): StoredCopy => ({
    logits: logitsOf(copy),
    imageBytes: count * size,
  });
  return {
    images: {
      files: Array.from({ length: copies }, (_, copy) => ({
        path: poolFile(folder, copy),
        offset: logitsOf(copy).byteLength,
        count,
      })),
      rows: Uint32Array.from({ length: copies * count }, (_, row) => row),
    },
    read: (copy, onDamage) =>
      readStoredCopy(poolFile(folder, copy), partOf(copy), onDamage),
    write: (copy, make) =>
      writeStoredCopy(poolFile(folder, copy), partOf(copy), make),
  };
}

/**
 * `copies` of every one of `examples`, the originals first and then augmented
 * ones, with the teacher's logits of those very images: example c · count + i is
 * copy c of image i. All of it lies in shared memory, so that workers read it
 * without having a copy of their own: MNIST's 55,000 take 45 MB a copy. Where images
 * would take more than `memory` they stay on disk, and are read batch by batch.
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
 * import { readImages } from "../data/dataset.ts";
 * import { openPool } from "./augmented_pool.ts";
 *
 * const { train } = makeBars();
 * const { examples, teacherLogits } = await openPool(
 *   await makeBarsTeacher(),
 *   train,
 *   { augmentation: DIGIT_AUGMENTATION, copies: 2, seed: 1 },
 *   { cache: await Deno.makeTempDir(), backend: "wasm", workers: 1 },
 * );
 * assertEquals(readImages(examples, 0, 96), train.images);
 * assertEquals([examples.count, teacherLogits?.length], [2 * 96, 2 * 96 * 3]);
 * ```
 */
export async function openPool(
  teacher: Teacher,
  examples: Examples,
  spec: PoolSpec,
  { cache, backend, workers, memory = Infinity, onProgress, onNote, signal }:
    PoolOptions,
): Promise<LabelledImages> {
  const { augmentation, copies, seed } = spec;
  checkAugmentation(augmentation);
  checkCopies(copies);
  const name = await poolName(teacher, examples, spec);
  const folder = `${cache}/${name}`;
  const { count, shape } = examples;
  const size = pixelCount(shape);
  const { logits, partOf: logitsOf } = allocateLogits(
    { count, copies, classes: formOf(teacher).classes },
    memory,
  );
  const extent = { folder, copies, count, size, logitsOf };
  const place = copies * count * size > memory
    ? storePool(extent)
    : holdPool(extent);
  const every = Array.from({ length: copies }, (_, copy) => copy);

  const readAll = async (onDamage: (reason: string) => void) => {
    const missing: number[] = [];
    for (const copy of every) {
      if (!await place.read(copy, onDamage)) missing.push(copy);
    }
    return missing;
  };
  const make = async (missing: number[]) => {
    const total = missing.length * count;
    let done = 0;
    const atOnce = Math.min(workers, missing.length);
    const each = Math.floor(workers / atOnce);
    await runPool(missing, atOnce, async (copy) => {
      await place.write(copy, async (images) => {
        await runPool(cutCopy(count, each), each, async (range) => {
          const task: PoolTask = {
            teacher: askedOf(teacher),
            examples,
            augmentation,
            seed,
            copy,
            range,
            images,
            logits: logitsOf(copy),
            backend: describeWorkerBackend(backend),
          };
          await runInWorker<PoolTask, PoolEvent, void>(
            new URL("./pool_worker.ts", import.meta.url),
            task,
            { signal, onEvent: (count) => onProgress?.(done += count, total) },
          );
        });
      });
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
    examples: {
      count: copies * count,
      shape,
      images: place.images,
      labels: repeatLabels(examples.labels, copies),
    },
    teacherLogits: logits,
    identity: `pool ${name} of ${copies}`,
  };
}

import { type Examples, selectExamples } from "../data/dataset.ts";
import { sha256Hex } from "../data/formats/idx_file.ts";
import type { SplitDataset } from "../data/split.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { explainFullDisk } from "../files/explain_full_disk.ts";
import { openLock, waitForLock } from "../files/wait_for_lock.ts";
import { classCount } from "../models/cost.ts";
import type { LoadedModel } from "../models/formats/load_model.ts";
import { cutModel } from "../models/trunk.ts";
import { describeWorkerBackend } from "../train/worker_backend.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { runPool } from "../workers/run_pool.ts";
import type {
  ExtractEvent,
  ExtractResult,
  ExtractTask,
} from "./extract_worker.ts";
import { bytesPerValue } from "./feature_file.ts";
import {
  featurePath,
  type FeatureStore,
  openFeatureStore,
  PART_NAMES,
  PART_PRECISION,
  partExamples,
  type PartName,
  writeStoreIndex,
} from "./feature_store.ts";

const UNFINISHED = ".new";

async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}

/** Removes what processes that were killed have left unfinished in `cache`. */
async function removeAbandoned(cache: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (!name.endsWith(UNFINISHED)) continue;
    const unfinished = `${cache}/${name}`;
    using lock = await openLock(unfinished.slice(0, -UNFINISHED.length));
    if (await lock.tryLock(true)) await removeFolder(unfinished);
  }
}

/** How {@linkcode fillFolder} fills a folder. */
export interface FillOptions {
  /** Writes all that belongs into the folder, which is there and empty. */
  write: (folder: string) => Promise<void>;
  /** Whether the folder holds all that belongs into it. */
  isWhole: (folder: string) => Promise<boolean>;
  /** Stops waiting for another process when aborted. */
  signal?: AbortSignal;
}

/**
 * Fills a new folder by `write`, then gives it the name `name` in `cache`, in
 * place of a damaged one that has it: whole or not at all. One that is whole
 * stays as it is. Only one process at a time fills a name: the others wait, and
 * then find the folder whole. A folder that a killed process has left unfinished
 * is removed by the next call; one that a living process is filling is left
 * alone. The lock, an empty file, stays beside the folder.
 *
 * Throws what `write` or the file system throws; no folder is left then.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillFolder } from "./extract_features.ts";
 *
 * const cache = await Deno.makeTempDir();
 * await fillFolder(cache, "answers", {
 *   write: (folder) => Deno.writeTextFile(`${folder}/one`, "42"),
 *   isWhole: () => Promise.resolve(false),
 * });
 * assertEquals(await Deno.readTextFile(`${cache}/answers/one`), "42");
 * ```
 */
export async function fillFolder(
  cache: string,
  name: string,
  { write, isWhole, signal }: FillOptions,
): Promise<void> {
  await Deno.mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const folder = `${cache}/${name}`;
  using _lock = await waitForLock(folder, signal);
  if (await isWhole(folder)) return;
  const unfinished = folder + UNFINISHED;
  try {
    await removeFolder(unfinished);
    await Deno.mkdir(unfinished);
    await write(unfinished);
    await removeFolder(folder);
    await Deno.rename(unfinished, folder);
  } finally {
    await removeFolder(unfinished);
  }
}

/** Consecutive examples of one part, the share of one worker. */
interface Chunk {
  part: PartName;
  start: number;
  examples: Examples;
}

function cutIntoChunks(dataset: SplitDataset, workers: number): Chunk[] {
  const parts = partExamples(dataset);
  return PART_NAMES.flatMap((part) => {
    const { count } = parts[part];
    const size = Math.ceil(count / workers);
    return Array.from({ length: Math.ceil(count / size) }, (_, index) => {
      const start = index * size;
      const indices = Array.from(
        { length: Math.min(size, count - start) },
        (_, offset) => start + offset,
      );
      return {
        part,
        start,
        examples: selectExamples(parts[part], indices, { shared: true }),
      };
    });
  });
}

/** Name of the folder that holds the features of `dataset` under `teacher`. */
async function storeName(
  teacher: LoadedModel,
  dataset: SplitDataset,
): Promise<string> {
  const identity = JSON.stringify([
    teacher.sha256,
    dataset.sha256,
    dataset.split,
    PART_PRECISION,
  ]);
  return (await sha256Hex(new TextEncoder().encode(identity))).slice(0, 24);
}

/**
 * The features that {@linkcode extractFeatures} has kept in the folder `cache`;
 * `undefined` where there are none for this teacher and dataset.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { findFeatures } from "./extract_features.ts";
 *
 * const cache = await Deno.makeTempDir();
 * assertEquals(await findFeatures(await makeBarsTeacher(), makeBars(), cache), undefined);
 * ```
 */
export async function findFeatures(
  teacher: LoadedModel,
  dataset: SplitDataset,
  cache: string,
): Promise<FeatureStore | undefined> {
  const name = await storeName(teacher, dataset);
  return await openFeatureStore(`${cache}/${name}`, dataset);
}

/** How {@linkcode extractFeatures} proceeds. */
export interface ExtractOptions {
  /** Folder that holds a folder for each teacher and dataset. */
  cache: string;
  /** Backend that each worker selects. */
  backend: BackendChoice;
  /** Workers at a time; each feeds batches of 128 images. */
  workers: number;
  /** Told how many images are done, of how many. */
  onProgress?: (done: number, total: number) => void;
  /** Told in a sentence why what was kept is not used. */
  onNote?: (note: string) => void;
  /** Stops the computation, which then leaves nothing, when aborted. */
  signal?: AbortSignal;
}

/**
 * The teacher's features (its flattened convolutions) and logits of every image
 * of `dataset`: computed once, kept on disk under the teacher's hash, and opened
 * from there ever after. Memory stays bounded whatever the dataset's size: MNIST's
 * features take 1.6 GB of disk, and a batch of them is all that is ever loaded.
 *
 * What was kept is read through once, and computed anew where a byte of it has changed
 * since. An unfinished computation leaves nothing that a later one would take for
 * finished; one that another process is at is waited for. Throws what the file system
 * throws, a full disk included, and a `RangeError` where a feature or logit isn't finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { extractFeatures } from "./extract_features.ts";
 *
 * const { width, parts } = await extractFeatures(await makeBarsTeacher(), makeBars(), {
 *   cache: await Deno.makeTempDir(),
 *   backend: "wasm",
 *   workers: 1,
 * });
 * assertEquals(width, 256);
 * assertEquals(parts.test.logits.length, 24 * 3);
 * ```
 */
export async function extractFeatures(
  teacher: LoadedModel,
  dataset: SplitDataset,
  { cache, backend, workers, onProgress, onNote, signal }: ExtractOptions,
): Promise<FeatureStore> {
  const name = await storeName(teacher, dataset);
  const folder = `${cache}/${name}`;
  const existing = await openFeatureStore(
    folder,
    dataset,
    (reason) => onNote?.(`the teacher's features are computed anew: ${reason}`),
  );
  if (existing) return existing;

  const cut = cutModel(teacher.spec, teacher.weights);
  const classes = classCount(teacher.spec);
  const examples = partExamples(dataset);
  try {
    await fillFolder(cache, name, {
      async write(unfinished) {
        const computed = await computeAll(unfinished);
        const width = cut.features;
        await writeStoreIndex(unfinished, { width, classes, ...computed });
      },
      isWhole: async () =>
        await openFeatureStore(folder, dataset) !== undefined,
      signal,
    });
  } catch (error) {
    throw explainFullDisk(error, folder);
  }
  const store = await openFeatureStore(folder, dataset);
  if (store) return store;
  throw new Error(
    `Cannot open the features in ${folder}: they were written a moment ago: they are not whole; is another program changing them?`,
  );

  async function computeAll(
    unfinished: string,
  ): Promise<
    Pick<Parameters<typeof writeStoreIndex>[1], "logits" | "checksums">
  > {
    const { train, validation, test } = examples;
    const logitsOf = ({ count }: Examples) => new Float32Array(count * classes);
    const logits = {
      train: logitsOf(train),
      validation: logitsOf(validation),
      test: logitsOf(test),
    };
    const checksums = {
      train: new Uint32Array(train.count),
      validation: new Uint32Array(validation.count),
      test: new Uint32Array(test.count),
    };
    let total = 0;
    for (const part of PART_NAMES) {
      const { count } = examples[part];
      total += count;
      const path = featurePath(unfinished, part);
      await Deno.create(path).then((file) => file.close());
      const rowBytes = cut.features * bytesPerValue(PART_PRECISION[part]);
      await Deno.truncate(path, count * rowBytes);
    }
    let done = 0;
    await runPool(cutIntoChunks(dataset, workers), workers, async (chunk) => {
      const task: ExtractTask = {
        teacher: cut,
        examples: chunk.examples,
        start: chunk.start,
        path: featurePath(unfinished, chunk.part),
        precision: PART_PRECISION[chunk.part],
        backend: describeWorkerBackend(backend),
      };
      const found = await runInWorker<ExtractTask, ExtractEvent, ExtractResult>(
        new URL("./extract_worker.ts", import.meta.url),
        task,
        {
          signal,
          onEvent: (count) => onProgress?.(done += count, total),
        },
      );
      logits[chunk.part].set(found.logits, chunk.start * classes);
      checksums[chunk.part].set(found.checksums, chunk.start);
    });
    return { logits, checksums };
  }
}

import { type Examples, pixelCount, readImages } from "../core/data/dataset.ts";
import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import { runInWorker } from "../core/workers/run_in_worker.ts";
import { runPool } from "../core/workers/run_pool.ts";
import type { ScoreTask } from "./score_task.ts";

/** Bytes of images that a worker is given at a time, about. */
const PART_BYTES = 2 ** 26;

/**
 * The class that each of `models` gives to each of `examples`, `[models][count]`, by
 * the direct path, see `classifyTogether`: a part of the images for each of the
 * machine's cores. `onProgress` is told how many images are done. Throws what that
 * throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../tests/core/infer/small_model.ts";
 * import { classifyInWorkers } from "./classify_in_workers.ts";
 *
 * const images = new Uint8Array(3 * 784);
 * const examples = { count: 3, shape: [28, 28, 1] as const, images, labels: new Uint8Array(3) };
 * const [classes] = await classifyInWorkers([smallModel()], examples);
 * assertEquals(classes.length, 3);
 * ```
 */
export async function classifyInWorkers(
  models: EncodedModel[],
  examples: Examples,
  onProgress?: (done: number) => void,
): Promise<Uint16Array<ArrayBuffer>[]> {
  if (models.length === 0) return [];
  const { count } = examples;
  const url = new URL("./score_worker.ts", import.meta.url);
  const cores = Math.min(navigator.hardwareConcurrency, count);
  const share = Math.min(
    Math.ceil(count / cores),
    Math.ceil(PART_BYTES / pixelCount(examples.shape)),
  );
  const starts = Array.from(
    { length: Math.ceil(count / share) },
    (_, part) => part * share,
  );
  let done = 0;
  const onEvent = (images: number) => onProgress?.(done += images);
  const answers = await runPool(starts, cores, (start) => {
    // Read when its worker is free: of images in files no more are in memory.
    const end = Math.min(count, start + share);
    const images = readImages(examples, start, end).slice();
    return runInWorker<ScoreTask, number, Uint16Array<ArrayBuffer>[]>(
      url,
      { models, images },
      { onEvent },
    );
  });
  return models.map((_, model) => {
    const classes = new Uint16Array(count);
    answers.forEach((part, place) => classes.set(part[model], place * share));
    return classes;
  });
}

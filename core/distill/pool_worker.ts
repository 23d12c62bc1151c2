import { augmentImages } from "../data/augment_images.ts";
import type { AugmentationSpec } from "../data/augmentation.ts";
import { consecutiveBatches, gatherImages } from "../data/batches.ts";
import type { Examples } from "../data/dataset.ts";
import { randomStream } from "../random/stream.ts";
import type { WorkerBackend } from "../train/worker_backend.ts";
import { serveTask } from "../workers/serve_task.ts";
import { type AskedTeacher, openTeacher } from "./open_teacher.ts";

/** A part of one copy of all images, to be made and fed through a teacher. */
export interface PoolTask {
  teacher: AskedTeacher;
  /** The originals. */
  examples: Examples;
  augmentation: AugmentationSpec;
  seed: number;
  /** Which copy; 0 is the originals. */
  copy: number;
  /** Which of its images, from the first to before the last. */
  range: readonly [first: number, last: number];
  /** Where the copy's images go: shared memory, or a file, from a place in it on. */
  images: Uint8Array<SharedArrayBuffer> | { path: string; offset: number };
  /** Where the teacher's logits of them go. */
  logits: Float32Array<SharedArrayBuffer>;
  backend: WorkerBackend;
}

/** Number of images finished since the last event. */
export type PoolEvent = number;

/** Opens what takes pixels, told from which byte of the copy's images on. */
async function openImages(images: PoolTask["images"]) {
  if (images instanceof Uint8Array) {
    return {
      write: (pixels: Uint8Array, at: number) => images.set(pixels, at),
      [Symbol.dispose]() {},
    };
  }
  const file = await Deno.open(images.path, { write: true });
  return {
    async write(pixels: Uint8Array, at: number) {
      await file.seek(images.offset + at, Deno.SeekMode.Start);
      for (let done = 0; done < pixels.length;) {
        done += await file.write(pixels.subarray(done));
      }
    },
    [Symbol.dispose]: () => file.close(),
  };
}

serveTask<PoolTask, PoolEvent, void>(async (task, { emit, signal }) => {
  const { examples, augmentation, seed, copy, backend } = task;
  await using teacher = await openTeacher(task.teacher, { backend, signal });
  using images = await openImages(task.images);
  const [first, last] = task.range;
  // The next images are made while the teacher is at the last ones.
  let answered = Promise.resolve();
  for (const places of consecutiveBatches(last - first, teacher.atOnce)) {
    const batch = places.map((place) => first + place);
    const originals = gatherImages(examples, batch);
    const pixels = copy === 0 ? originals : augmentImages(
      originals,
      examples.shape,
      augmentation,
      (index) => randomStream(seed, "augment", copy, batch[index]),
    );
    const size = pixels.length / batch.length;
    await images.write(pixels, batch[0] * size);
    const answer = teacher.answer(pixels).then((logits) => {
      task.logits.set(logits, batch[0] * logits.length / batch.length);
      emit(batch.length);
    });
    answer.catch(() => {}); // It is thrown when it is waited for.
    await answered;
    signal.throwIfAborted();
    answered = answer;
  }
  await answered;
});

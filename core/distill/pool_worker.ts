import { augmentImages } from "../data/augment_images.ts";
import type { AugmentationSpec } from "../data/augmentation.ts";
import { consecutiveBatches, gatherImages } from "../data/batches.ts";
import type { Examples } from "../data/dataset.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { unpackPixels } from "../kernels/unpack_pixels/op.ts";
import { forward } from "../models/forward.ts";
import type { ModelSpec } from "../models/spec.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import { toTensor } from "../train/training_state.ts";
import {
  useWorkerBackend,
  type WorkerBackend,
} from "../train/worker_backend.ts";
import { serveTask } from "../workers/serve_task.ts";
import { checkLogits } from "./check_finite.ts";

/** One copy of all images, to be made and fed through a teacher. */
export interface PoolTask {
  spec: ModelSpec;
  weights: FloatArray[];
  /** The originals. */
  examples: Examples;
  augmentation: AugmentationSpec;
  seed: number;
  /** Which copy; 0 is the originals. */
  copy: number;
  /** Where its images go: shared memory, or a file, from a place in it on. */
  images: Uint8Array<SharedArrayBuffer> | { path: string; offset: number };
  /** Where the teacher's logits of them go. */
  logits: Float32Array<SharedArrayBuffer>;
  backend: WorkerBackend;
}

/** Number of images finished since the last event. */
export type PoolEvent = number;

const BATCH = 128;

serveTask<PoolTask, PoolEvent, void>(async (task, { emit, signal }) => {
  const { spec, weights, examples, augmentation, seed, copy } = task;
  await useWorkerBackend(task.backend);
  const tensors = weights.map(toTensor);
  const { images } = task;
  using file = images instanceof Uint8Array
    ? undefined
    : await Deno.open(images.path, { write: true });
  if (file && !(images instanceof Uint8Array)) {
    await file.seek(images.offset, Deno.SeekMode.Start);
  }
  for (const batch of consecutiveBatches(examples.count, BATCH)) {
    const originals = gatherImages(examples, batch);
    const pixels = copy === 0 ? originals : augmentImages(
      originals,
      examples.shape,
      augmentation,
      (index) => randomStream(seed, "augment", copy, batch[index]),
    );
    const logits = tf.tidy(() => {
      const x = unpackPixels(pixels, [batch.length, ...examples.shape]);
      return forward(spec.layers, tensors, x); // [batch, classes]
    });
    const size = pixels.length / batch.length;
    if (images instanceof Uint8Array) images.set(pixels, batch[0] * size);
    for (let at = 0; file && at < pixels.length;) {
      at += await file.write(pixels.subarray(at));
    }
    const values = await logits.data<"float32">();
    checkLogits(values);
    task.logits.set(values, batch[0] * values.length / batch.length);
    tf.dispose(logits);
    await confirmDeviceHealthy();
    emit(batch.length);
    signal.throwIfAborted();
  }
  tf.dispose(tensors);
});

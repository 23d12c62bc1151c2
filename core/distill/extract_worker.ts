import { consecutiveBatches, gatherImages } from "../data/batches.ts";
import type { Examples } from "../data/dataset.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import { unpackPixels } from "../kernels/unpack_pixels/op.ts";
import { forward } from "../models/forward.ts";
import type { CutModel } from "../models/trunk.ts";
import * as tf from "../tf.ts";
import { toTensor } from "../train/training_state.ts";
import {
  useWorkerBackend,
  type WorkerBackend,
} from "../train/worker_backend.ts";
import { serveTask } from "../workers/serve_task.ts";
import { checkFeatures, checkLogits } from "./check_finite.ts";
import { type Precision, writeFeatureRows } from "./feature_file.ts";

/** Some consecutive examples, to be fed through a teacher. */
export interface ExtractTask {
  teacher: CutModel;
  examples: Examples;
  /** Row of the file that the first example's features go to. */
  start: number;
  path: string;
  precision: Precision;
  backend: WorkerBackend;
}

/** Number of examples finished since the last event. */
export type ExtractEvent = number;

/** What has been found of the examples. */
export interface ExtractResult {
  /** The teacher's logits `[examples.count, classes]`. */
  logits: Float32Array<ArrayBuffer>;
  /** Checksum of each one's features, as they were written. */
  checksums: Uint32Array<ArrayBuffer>;
}

const BATCH = 128;

serveTask<ExtractTask, ExtractEvent, ExtractResult>(
  async (
    { teacher, examples, start, path, precision, backend },
    { emit, signal },
  ) => {
    await useWorkerBackend(backend);
    const trunkWeights = teacher.trunkWeights.map(toTensor);
    const headWeights = teacher.headWeights.map(toTensor);
    using file = await Deno.open(path, { write: true });
    const logits: Float32Array<ArrayBuffer>[] = [];
    const checksums = new Uint32Array(examples.count);
    for (const batch of consecutiveBatches(examples.count, BATCH)) {
      const [features, answers] = tf.tidy(() => {
        const x = unpackPixels(gatherImages(examples, batch), [
          batch.length,
          ...examples.shape,
        ]);
        const features = forward(teacher.trunk, trunkWeights, x); // [batch, features]
        return [features, forward(teacher.head, headWeights, features)];
      });
      const values = new Float32Array(await features.data<"float32">());
      const answer = new Float32Array(await answers.data<"float32">());
      checkFeatures(values, precision);
      checkLogits(answer);
      const rows = { start: start + batch[0], width: teacher.features, values };
      checksums.set(writeFeatureRows(file, precision, rows), batch[0]);
      logits.push(answer);
      tf.dispose([features, answers]);
      await confirmDeviceHealthy();
      emit(batch.length);
      signal.throwIfAborted();
    }
    tf.dispose([trunkWeights, headWeights]);
    // Or a power cut could leave a file of the right size with holes in it.
    await file.sync();
    return {
      logits: new Float32Array(await new Blob(logits).arrayBuffer()),
      checksums,
    };
  },
);

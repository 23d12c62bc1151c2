import { consecutiveBatches, gatherImages } from "../../core/data/batches.ts";
import { type Examples, readImages } from "../../core/data/dataset.ts";
import { load } from "../../core/infer/load.ts";
import { type BlackBox, openBox } from "../../core/models/formats/black_box.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { runPool } from "../../core/workers/run_pool.ts";
import type { CommonValues } from "../options/common_options.ts";
import type { Io } from "../command.ts";
import {
  type ReadingValues,
  refuseReading,
} from "../options/reading_options.ts";
import { isDram } from "./is_dram.ts";
import { readDram } from "./read_dram.ts";

/** Images that are asked about at a time. */
const BATCH = 500;
/** Batches under way: what answers doesn't wait for the next. */
const ASKED_AHEAD = 2;

/** A model that is asked for its logits, whatever file it comes from. */
interface LogitReader {
  /** What it is: layers, and what it calls its classes, where it says; or a black box. */
  model: { spec: ModelSpec; labels?: readonly string[] } | BlackBox;
  /** Logits `[count, classes]`, in the order of images. */
  logitsOf(
    examples: Examples,
    onProgress: (done: number) => void,
  ): Promise<Float32Array>;
  /** Ends what answers. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Logits of all images, a batch after another by `ask`. */
async function askAll(
  examples: Examples,
  onProgress: (done: number) => void,
  ask: (batch: Uint32Array<ArrayBuffer>) => Promise<Float32Array>,
): Promise<Float32Array> {
  let done = 0;
  const batches = await runPool(
    [...consecutiveBatches(examples.count, BATCH)],
    ASKED_AHEAD,
    async (batch) => {
      const logits = await ask(batch);
      onProgress(done += batch.length);
      return logits;
    },
  );
  const logits = new Float32Array(
    batches.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const batch of batches) {
    logits.set(batch, at);
    at += batch.length;
  }
  return logits;
}

/** The `.dram` file, ONNX file or model folder at `path`, ready to be asked. */
export async function readLogits(
  path: string,
  { backend, io, ...values }: {
    backend: CommonValues["backend"];
    io: Io;
  } & ReadingValues,
): Promise<LogitReader> {
  if (await isDram(path)) {
    refuseReading(path, values);
    const model = await readDram(path, (bytes) => load(bytes));
    return {
      model,
      logitsOf: (examples, onProgress) =>
        askAll(examples, onProgress, (batch) => {
          const end = batch[0] + batch.length;
          const images = readImages(examples, batch[0], end);
          return Promise.resolve(model.classify(images).logits);
        }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const [{ forward }, { unpackPixels }, tf, training, own] = await Promise.all(
    [
      import("../../core/models/forward.ts"),
      import("../../core/kernels/unpack_pixels/op.ts"),
      import("../../core/tf.ts"),
      import("../../core/train/training_state.ts"),
      import("./experiment.ts"),
    ],
  );
  const model = await own.loadAnyModel(path, values, io);
  if (model.kind === "box") {
    const box = await openBox(model, { signal: io.signal });
    return {
      model,
      logitsOf: (examples, onProgress) =>
        askAll(
          examples,
          onProgress,
          (batch) => box.answer(gatherImages(examples, batch)),
        ),
      [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
    };
  }
  await own.startBackend(backend, io, { tune: false });
  const weights = model.weights.map(training.toTensor);
  return {
    model,
    [Symbol.asyncDispose]() {
      tf.dispose(weights);
      return Promise.resolve();
    },
    logitsOf: (examples, onProgress) =>
      askAll(examples, onProgress, async (batch) => {
        const logits = tf.tidy(() => {
          const pixels = gatherImages(examples, batch);
          const x = unpackPixels(pixels, [batch.length, ...examples.shape]);
          return forward(model.spec.layers, weights, x);
        });
        const values = await logits.data();
        logits.dispose();
        return Float32Array.from(values);
      }),
  };
}

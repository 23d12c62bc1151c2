import type { PixelScale } from "../models/formats/pixel_scale.ts";
import type { TfjsOriginal } from "../models/formats/model_json.ts";
import { areAlike } from "../runtimes/are_alike.ts";
import { answerInBatches } from "../runtimes/lay_pixels.ts";
import * as tf from "../tf.ts";

/** What is asked of which model. */
export interface OriginalTask extends TfjsOriginal {
  /** Images `[n, h, w, c]`. */
  images: Uint8Array<ArrayBuffer>;
  /** Extents of one. */
  input: readonly [number, number, number];
  /** Numbers that it gives of one. */
  classes: number;
  /** What the model reads of a pixel, where that isn't the pixel divided by 255. */
  reads?: PixelScale;
}

/** Images at once. */
const BATCH = 250;

/** Bytes as numbers from 0 to 1, scaled as the model reads them. */
function scaleImages(
  images: Uint8Array,
  { input: [, , channels], reads }: OriginalTask,
): Float32Array<ArrayBuffer> {
  const { scale, mean, deviation } = reads ??
    { scale: 1, mean: [0], deviation: [1] };
  return Float32Array.from(images, (byte, at) => {
    const channel = at % channels;
    return (byte / 255 * scale - mean[channel % mean.length]) /
      deviation[channel % deviation.length];
  });
}

/** The model, on the current backend. */
async function load(
  { json, data }: TfjsOriginal,
): Promise<tf.LayersModel | tf.GraphModel> {
  const { weightsManifest, ...description } = JSON.parse(json);
  const handler = tf.io.fromMemory({
    ...description,
    weightSpecs: weightsManifest.flatMap(
      ({ weights }: { weights: unknown[] }) => weights,
    ),
    weightData: data.slice().buffer,
  });
  return description.format === "graph-model"
    ? await tf.loadGraphModel(handler)
    : await tf.loadLayersModel(handler);
}

/** What a model on `backend` says of images. */
async function openOn(
  backend: string,
  task: OriginalTask,
): Promise<(images: Uint8Array<ArrayBuffer>) => Promise<Float32Array>> {
  if (!await tf.setBackend(backend)) {
    throw new Error(
      `Cannot ask tfjs: its ${backend} backend must start: it didn't`,
    );
  }
  const model = await load(task);
  const [{ shape = null, dtype }] = model.inputs;
  const [first, ...extents] = (shape ?? []).map(Number);
  // A GraphModel takes as many images at once as it says, and no others.
  const batch = first > 0 ? first : null;
  const ask = async (images: Uint8Array, count: number) => {
    const answer = tf.tidy(() => {
      const pixels = scaleImages(images, task);
      const x = tf.tensor(pixels, [count, ...extents]);
      const answers = model.predict(dtype === "int32" ? x.round().toInt() : x);
      return tf.isTensor(answers) ? answers : [answers].flat()[0];
    });
    if (!tf.isTensor(answer)) throw new TypeError("one output expected");
    const values = Float32Array.from(await answer.data());
    answer.dispose();
    return values;
  };
  return (images) => answerInBatches(images, task, { batch }, ask);
}

/** What stock tfjs said of images, and which tfjs that was; or why it can't be asked. */
export type OriginalAnswer =
  | { answers: Float32Array<ArrayBuffer>; runtime: string }
  | { absent: string };

/**
 * What stock tfjs says of images by a model's own files, a LayersModel's or a
 * GraphModel's, by the kernels that are registered: on its Wasm backend, unless that says
 * other things of an image than its plain JavaScript does, as where padded windows leave
 * gaps, or lacks an operator. Absent where tfjs doesn't read what we do, as Keras 3's words.
 */
export async function answerOriginal(
  task: OriginalTask,
  { signal }: { signal?: AbortSignal } = {},
): Promise<OriginalAnswer> {
  const size = task.input.reduce((a, b) => a * b);
  const first = task.images.subarray(0, size);
  let wanted: Float32Array;
  try {
    const sure = await openOn("cpu", task);
    wanted = await sure(first);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { absent: `stock tfjs doesn't run it: ${reason.split("\n")[0]}` };
  }
  tf.setWasmPaths(tf.wasmBinaryFolder());
  const fast = await openOn("wasm", task)
    .then(async (ask) => areAlike(await ask(first), wanted) ? ask : undefined)
    .catch(() => undefined);
  const ask = fast ?? await openOn("cpu", task);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < task.images.length; at += BATCH * size) {
    const answers = await ask(task.images.subarray(at, at + BATCH * size));
    parts.push(new Uint8Array(Float32Array.from(answers).buffer));
    signal?.throwIfAborted();
  }
  return {
    answers: new Float32Array(await new Blob(parts).arrayBuffer()),
    runtime: `tfjs ${tf.version.tfjs}, ${fast ? "wasm" : "cpu"}`,
  };
}

import type * as tf from "../../../tf.ts";
import { makeOutput } from "../heap.ts";

/** Elements that a loop takes at a time. */
const WIDTH = 8;
/** A row shorter than this spends its time on starting. */
const LEAST_ROW = 256;

/**
 * `bias` `[channels]` repeated until whole vectors fill it, `[period]`, for
 * adding it to `size` elements row by row; the caller disposes of it.
 */
export function repeatBias(
  backend: tf.BackendWasm,
  bias: tf.TensorInfo,
  size: number,
): tf.TensorInfo {
  const [channels] = bias.shape;
  const most = Math.max(1, size / channels);
  // Any eight rows of biases are whole vectors together.
  const least = Math.ceil(LEAST_ROW / channels);
  const copies = channels % WIDTH === 0
    ? least
    : Math.ceil(least / WIDTH) * WIDTH;
  const period = channels * Math.min(copies, most);
  const repeated = makeOutput(backend, [period], "float32");
  // The views come last: an allocation may move the heap.
  const from = backend.typedArrayFromHeap(bias);
  const to = backend.typedArrayFromHeap(repeated);
  for (let start = 0; start < period; start += channels) to.set(from, start);
  return repeated;
}

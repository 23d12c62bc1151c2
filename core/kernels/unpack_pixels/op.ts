import * as tf from "../../tf.ts";
import { checkInputShape, defineKernel, runKernel, SHAPE4 } from "../kernel.ts";

const WORD_BYTES = 4;

/** Kernel of {@linkcode unpackPixels}: the bytes of `words`, four in each, as `shape`. */
export const unpackPixelsKernel = defineKernel({
  name: "RetortUnpackPixels",
  inputs: { words: "int32" },
  attributes: { shape: SHAPE4 },
  check: ({ words }, { shape }) => {
    const size = tf.util.sizeFromShape(shape);
    checkInputShape("words", words, [Math.ceil(size / WORD_BYTES)]);
  },
});

/**
 * xᵢ = byteᵢ / 255 as a tensor `[n, height, width, channels]`: what a model takes its images as. Bytes
 * cross to the device, four in a word, and become numbers there.
 */
export function unpackPixels(
  bytes: Uint8Array<ArrayBuffer>,
  shape: [number, number, number, number],
): tf.Tensor {
  return tf.tidy(() => {
    const words = new Int32Array(Math.ceil(bytes.length / WORD_BYTES));
    new Uint8Array(words.buffer).set(bytes);
    const inputs = { words: tf.tensor1d(words, "int32") };
    const [x] = runKernel(unpackPixelsKernel, inputs, { shape }, () => [
      tf.div(tf.tensor(Float32Array.from(bytes), shape), 255),
    ]);
    return x;
  });
}

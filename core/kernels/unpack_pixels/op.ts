import * as tf from "../../tf.ts";
import { readAtOnce } from "../read_at_once.ts";
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

/** `bytes`, four in a word, the last one filled up with zeros. */
export function packWords(bytes: Uint8Array<ArrayBuffer>): tf.Tensor1D {
  const { buffer, byteOffset, length } = bytes;
  if (length % WORD_BYTES === 0 && byteOffset % WORD_BYTES === 0) {
    return tf.tensor1d(new Int32Array(buffer, byteOffset, length / WORD_BYTES));
  }
  const words = new Int32Array(Math.ceil(length / WORD_BYTES));
  new Uint8Array(words.buffer).set(bytes);
  return tf.tensor1d(words);
}

/** {@linkcode unpackPixels} of bytes that are packed already, by {@linkcode packWords}. */
export function unpackWords(
  words: tf.Tensor,
  shape: [number, number, number, number],
): tf.Tensor {
  const [x] = runKernel(unpackPixelsKernel, { words }, { shape }, () => {
    const size = tf.util.sizeFromShape(shape);
    const bytes = new Uint8Array(readAtOnce<"int32">(words).buffer, 0, size);
    return [tf.div(tf.tensor(Float32Array.from(bytes), shape), 255)];
  });
  return x;
}

/**
 * xᵢ = byteᵢ / 255 as a tensor `[n, height, width, channels]`: what a model takes its images as. Bytes
 * cross to the device, four in a word, and become numbers there.
 */
export function unpackPixels(
  bytes: Uint8Array<ArrayBuffer>,
  shape: [number, number, number, number],
): tf.Tensor {
  return tf.tidy(() => unpackWords(packWords(bytes), shape));
}

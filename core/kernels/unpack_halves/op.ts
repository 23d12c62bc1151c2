import * as tf from "../../tf.ts";
import { checkInputShape, defineKernel, PAIR, runKernel } from "../kernel.ts";

/** Kernel of {@linkcode unpackHalves}: the numbers of `words`, two in each, as `shape`. */
export const unpackHalvesKernel = defineKernel({
  name: "RetortUnpackHalves",
  inputs: { words: "int32" },
  attributes: { shape: PAIR },
  check: ({ words }, { shape: [rows, columns] }) =>
    checkInputShape("words", words, [Math.ceil(rows * columns / 2)]),
});

/**
 * float16 numbers, given by their bits, as a float32 tensor of `shape`: uploaded
 * as they are, in half the bytes, where the backend has a kernel to widen them.
 *
 * Throws a `RangeError` unless there are as many as `shape` has entries.
 */
export function unpackHalves(
  bits: Uint16Array<ArrayBuffer>,
  shape: [number, number],
): tf.Tensor {
  const size = shape[0] * shape[1];
  if (bits.length !== size) {
    throw new RangeError(
      `Cannot unpack numbers: [${
        shape.join(", ")
      }] needs ${size} of them: current value is ${bits.length}`,
    );
  }
  return tf.tidy(() => {
    // A word holds two: the last one is filled up.
    const even = new Uint16Array(size + size % 2);
    const padded = size % 2 === 0 && bits.byteOffset === 0 ? bits : even;
    if (padded === even) even.set(bits);
    const words = new Int32Array(padded.buffer, 0, padded.length / 2);
    const inputs = { words: tf.tensor1d(words, "int32") };
    const [x] = runKernel(unpackHalvesKernel, inputs, { shape }, () => {
      const halves = new Float16Array(padded.buffer, 0, size);
      return [tf.tensor2d(new Float32Array(halves), shape)];
    });
    return x;
  });
}

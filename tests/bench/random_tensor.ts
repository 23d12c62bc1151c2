import { randomStream } from "../../core/random/stream.ts";
import * as tf from "../../core/tf.ts";

/** A tensor of numbers uniform over [0, 1), decided by its shape. */
export function randomTensor(...shape: number[]): tf.Tensor {
  const random = randomStream(1, "bench", ...shape);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => random.uniform());
  return tf.tensor(values, shape);
}

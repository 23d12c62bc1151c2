import { assert, assertEquals } from "@std/assert";
import { randomStream } from "../core/random/stream.ts";
import * as tf from "../core/tf.ts";

/** Σ c·f(x…) with numbers c that are all different. */
function weighted(y: tf.Tensor): tf.Scalar {
  const weights = Array.from({ length: y.size }, (_, i) => Math.cos(1 + i));
  return tf.sum<tf.Scalar>(tf.mul(y, tf.tensor(weights, y.shape)));
}

/**
 * Asserts that ∂(Σ c·f)/∂x has, for each input x, the shape of x and the slopes
 * that central differences of `step` find, within `step`² and float32's rounding,
 * and that no tensor is left over. Inputs are random and at least `apart` from 0
 * and from each other, where f may have kinks.
 */
export async function assertGradients(
  compute: (...inputs: tf.Tensor[]) => tf.Tensor,
  shapes: number[][],
  { step = 0.01, apart = 0 }: { step?: number; apart?: number } = {},
): Promise<void> {
  const random = randomStream(8, "finite differences");
  const inputs = shapes.map((shape) => {
    const drawn: number[] = [];
    while (drawn.length < tf.util.sizeFromShape(shape)) {
      const value = 4 * random.uniform() - 2;
      const near = (other: number) => Math.abs(other - value) < apart;
      if (!near(0) && !drawn.some(near)) drawn.push(value);
    }
    return drawn;
  });
  const tensors = (values: number[][]) =>
    values.map((each, index) => tf.tensor(each, shapes[index]));
  const at = async (values: number[][]) => {
    const sum = tf.tidy(() => weighted(compute(...tensors(values))));
    const [number] = await sum.data();
    sum.dispose();
    return number;
  };
  const before = tf.memory().numTensors;
  const gradients = tf.tidy(() =>
    tf.grads((...given) => weighted(compute(...given)))(tensors(inputs))
  );
  for (const [index, gradient] of gradients.entries()) {
    assertEquals(gradient.shape, shapes[index]);
    const slopes = await gradient.data();
    for (let i = 0; i < slopes.length; i++) {
      const moved = (offset: number) =>
        inputs.with(index, inputs[index].with(i, inputs[index][i] + offset));
      const rise = await at(moved(step)) - await at(moved(-step));
      assert(
        Math.abs(slopes[i] - rise / (2 * step)) < 2e-3,
        `input ${index}, element ${i}: ${slopes[i]} where differences give ${
          rise / (2 * step)
        }`,
      );
    }
  }
  tf.dispose(gradients);
  assertEquals(tf.memory().numTensors, before, "tensors were leaked");
}

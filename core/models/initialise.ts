import type { FloatArray } from "../files/safetensors.ts";
import { randomStream } from "../random/stream.ts";
import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { modelCost } from "./cost.ts";
import type { ModelSpec } from "./spec.ts";

/**
 * Glorot's uniform initialisation: U(−a, a), a = √(6 / (fan-in + fan-out)), for
 * kernels `[…, in, out]`; zeros for biases `[out]`. Both fans of a `depthwise`
 * kernel `[size, size, channels, 1]` are size²: each output reads one channel
 * (tf.layers counts size²·channels inputs, and starts too small).
 *
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", 2010.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { glorotUniform } from "./initialise.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const { values } = glorotUniform([4, 2], randomStream(1));
 * assert(values.every((value) => Math.abs(value) <= 1));
 * ```
 */
export function glorotUniform(
  shape: number[],
  random: Xoshiro128,
  { depthwise = false }: { depthwise?: boolean } = {},
): FloatArray {
  const size = shape.reduce((total, extent) => total * extent, 1);
  const values = new Float32Array(size);
  if (shape.length < 2) return { shape, values };
  const [fanIn, fanOut] = shape.slice(-2);
  const field = size / (fanIn * fanOut);
  const fans = field * (depthwise ? 2 : fanIn + fanOut);
  const limit = Math.sqrt(6 / fans);
  for (let i = 0; i < size; i++) values[i] = (2 * random.uniform() - 1) * limit;
  return { shape, values };
}

/**
 * Fresh weights for `spec`, decided by `seed` alone: kernels by
 * {@linkcode glorotUniform}, biases 0, in the order of
 * `weightShapes`. Throws a `RangeError` where the spec is unusable or
 * the seed no integer ≥ 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "./initialise.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const spec = studentSpec({ hidden: 2 });
 * assertEquals(initialWeights(spec, 7), initialWeights(spec, 7));
 * ```
 */
export function initialWeights(spec: ModelSpec, seed: number): FloatArray[] {
  let index = 0;
  return modelCost(spec).layers.flatMap(({ layer, weights }) => {
    const depthwise = layer.kind === "depthwiseConv2d";
    return weights.map((shape) =>
      glorotUniform([...shape], randomStream(seed, "weights", index++), {
        depthwise,
      })
    );
  });
}

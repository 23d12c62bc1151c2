import type { FloatArray } from "../../files/safetensors.ts";
import { withGradient } from "../../kernels/with_gradient.ts";
import * as tf from "../../tf.ts";

/** w ⊙ m; ∂L/∂w = ∂L/∂ŵ ⊙ m. */
export function applyMask(weight: tf.Tensor, mask: Uint8Array): tf.Tensor {
  const forward = () => {
    const kept = tf.tensor(Float32Array.from(mask), weight.shape);
    return { value: tf.mul(weight, kept), saved: [kept] };
  };
  return withGradient([weight], forward, (dy, [kept]) => [tf.mul(dy, kept)]);
}

/** Only the weights that `mask` keeps; +0 elsewhere. */
export function keepWeights(
  { shape, values }: FloatArray,
  mask: Uint8Array,
): FloatArray {
  return { shape, values: values.map((value, i) => mask[i] ? value : 0) };
}

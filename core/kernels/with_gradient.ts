import * as tf from "../tf.ts";

/**
 * A function of `inputs` under tfjs's automatic differentiation: `forward` gives
 * its value and what `backward` will need beside ∂L/∂value to give ∂L/∂input, one
 * an input. `backward` may use no other tensors: by then they may be gone.
 */
export function withGradient(
  inputs: tf.Tensor[],
  forward: () => { value: tf.Tensor; saved: tf.Tensor[] },
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  return tf.customGrad((...given) => {
    const { value, saved } = forward();
    const save = given[inputs.length];
    if (typeof save === "function") save(saved);
    return { value, gradFunc: backward };
  })(...inputs);
}

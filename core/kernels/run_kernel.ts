import * as tf from "../tf.ts";

/**
 * The outputs of the kernel `name` of the current backend; where that has none,
 * those of `compose`, the same made of tfjs's own operations.
 */
export function runKernel(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
  compose: () => tf.Tensor[],
): tf.Tensor[] {
  if (!tf.getKernel(name, tf.getBackend())) return tf.tidy(compose);
  const outputs = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(
    name,
    inputs,
    attributes,
  );
  return Array.isArray(outputs) ? outputs : [outputs];
}

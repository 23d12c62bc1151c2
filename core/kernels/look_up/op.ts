import * as tf from "../../tf.ts";
import { COUNT, defineKernel, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** Kernel of {@linkcode lookUp}: y. */
export const lookUpKernel = defineKernel({
  name: "RetortLookUp",
  inputs: { codebook: "float32", indices: "int32" },
  attributes: {},
});

/** Kernel of its gradient: sums of `values` `[n]` by index, `[size]`. */
export const sumByIndexKernel = defineKernel({
  name: "RetortSumByIndex",
  inputs: { values: "float32", indices: "int32" },
  attributes: { size: COUNT },
});

/** Sums of `values` `[n]` by index, `[k]`. A NaN reaches its own sum alone. */
function composeSums(values: tf.Tensor, indices: tf.Tensor, size: number) {
  const entries = tf.range(0, size, 1, "int32").reshape([size, 1]);
  const chosen = tf.equal(entries, tf.reshape(indices, [1, -1])); // [k, n]
  return tf.sum(tf.where(chosen, tf.reshape(values, [1, -1]), 0), 1);
}

/**
 * yᵢ = c[indexᵢ], with a codebook c `[k]` and n indices below k: `[n]`. ∂L/∂c_j is
 * the sum of ∂L/∂yᵢ over the i whose index is j.
 *
 * Source: Han et al., "Deep Compression", 2016, section 3.3.
 */
export function lookUp(codebook: tf.Tensor, indices: Uint8Array): tf.Tensor {
  const { size } = codebook;
  const forward = () => {
    const places = tf.tensor1d(indices, "int32");
    const inputs = { codebook, indices: places };
    // tfjs's own gather copies slice by slice on Wasm: a hundred times slower.
    const [value] = runKernel(
      lookUpKernel,
      inputs,
      {},
      () => [tf.gather(codebook, places)],
    );
    return { value, saved: [places] };
  };
  return withGradient([codebook], forward, (dy, [indices]) => {
    const inputs = { values: dy, indices };
    return runKernel(
      sumByIndexKernel,
      inputs,
      { size },
      () => [composeSums(dy, indices, size)],
    );
  });
}

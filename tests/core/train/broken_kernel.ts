import * as tf from "../../../core/tf.ts";

/** Runs `body` while the first result of `kernelName` on `backend` is filled with `value`. */
export async function withBrokenKernel(
  kernelName: string,
  value: number,
  body: () => Promise<void>,
  backend = "wasm",
): Promise<void> {
  const kernel = tf.getKernel(kernelName, backend);
  tf.unregisterKernel(kernelName, backend);
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      const results = kernel.kernelFunc(call);
      if (!Array.isArray(results)) return tf.fill(results.shape, value);
      const [first, ...others] = results;
      return [tf.fill(first.shape, value), ...others];
    },
  });
  try {
    await body();
  } finally {
    tf.unregisterKernel(kernelName, backend);
    tf.registerKernel(kernel);
  }
}

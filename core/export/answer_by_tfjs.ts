import * as tf from "../tf.ts";

/** What is asked of which model. */
export interface TfjsTask {
  /** `model.json` */
  json: string;
  /** `weights.bin` */
  data: Uint8Array<ArrayBuffer>;
  images: Uint8Array<ArrayBuffer>;
}

/**
 * Whether windows of a padded convolution leave gaps between them: tfjs's Wasm kernels
 * answer zeros then.
 */
function leavesGaps(json: string): boolean {
  let found = false;
  JSON.parse(json, (_, value) => {
    const { padding, strides, kernel_size: size } = value ?? {};
    found ||= padding === "same" && Array.isArray(size) &&
      size.some((extent, axis) => strides[axis] > extent);
    return value;
  });
  return found;
}

/** Images at once. */
const BATCH = 250;

/** What tfjs says of images, by the kernels that are registered, and which tfjs that is. */
export async function answerByTfjs(
  { json, data, images }: TfjsTask,
  { signal }: { signal?: AbortSignal } = {},
): Promise<{ logits: Float32Array<ArrayBuffer>; version: string }> {
  tf.setWasmPaths(tf.wasmBinaryFolder());
  const backend = leavesGaps(json) ? "cpu" : "wasm";
  if (!await tf.setBackend(backend)) {
    throw new Error(
      `Cannot ask tfjs: its ${backend} backend must start: it didn't`,
    );
  }
  const { modelTopology, weightsManifest: [{ weights }] } = JSON.parse(json);
  const whole = await tf.loadLayersModel(tf.io.fromMemory({
    modelTopology,
    weightSpecs: weights,
    weightData: data.slice().buffer,
  }));
  const { inputs, layers } = whole;
  // All but its softmax.
  const { output } = layers[layers.length - 2];
  const model = tf.model({ inputs, outputs: output });
  const shape = inputs[0].shape.slice(1).map(Number);
  const size = shape.reduce((a, b) => a * b);
  const parts: number[] = [];
  for (let first = 0; first < images.length; first += BATCH * size) {
    const part = images.subarray(first, first + BATCH * size);
    const answer = tf.tidy(() => {
      const pixels = Float32Array.from(part, (byte) => byte / 255);
      const count = part.length / size;
      const x = tf.tensor(pixels, [count, ...shape]);
      return model.predict(x, { batchSize: count });
    });
    if (Array.isArray(answer)) throw new TypeError("one output expected");
    for (const logit of await answer.data()) parts.push(logit);
    answer.dispose();
    signal?.throwIfAborted();
  }
  return {
    logits: Float32Array.from(parts),
    version: `${tf.version.tfjs}, ${backend}`,
  };
}

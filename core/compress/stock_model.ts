import type { FloatArray } from "../files/safetensors.ts";
import { buildModel } from "../models/build_model.ts";
import type { ModelSpec } from "../models/spec.ts";
import * as tf from "../tf.ts";

/** A model of tfjs's own layers, none of our operations among them. */
export interface StockModel extends Disposable {
  /** Logits `[n, classes]` of bytes `[n, height, width, channels]`. */
  logits(pixels: Uint8Array): Promise<Float32Array>;
}

/**
 * Prepares `spec` with `weights` on the current backend by tfjs's own layers: the
 * word of an independent witness.
 */
export function prepareStock(
  spec: ModelSpec,
  weights: FloatArray[],
): StockModel {
  const whole = buildModel(spec, weights);
  const { inputs, layers } = whole;
  // All but its softmax.
  const model = tf.model({ inputs, outputs: layers[layers.length - 2].output });
  const size = spec.input.reduce((a, b) => a * b);
  return {
    async logits(pixels) {
      const output = tf.tidy(() => {
        const count = pixels.length / size;
        const numbers = Float32Array.from(pixels, (byte) => byte / 255);
        const x = tf.tensor(numbers, [count, ...spec.input]);
        return model.predict(x, { batchSize: count });
      });
      if (Array.isArray(output)) throw new TypeError("one output expected");
      const logits = await output.data<"float32">();
      output.dispose();
      return logits;
    },
    [Symbol.dispose]: () => void whole.dispose(),
  };
}

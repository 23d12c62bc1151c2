import type { FloatArray } from "../files/safetensors.ts";
import type { ModelSpec } from "../models/spec.ts";
import { type Classification, classifyLogits } from "./classification.ts";
import { countImages, type Images } from "./count_images.ts";
import { directSteps, type WideSteps } from "./direct/direct_steps.ts";

/** A model that classifies images by itself, without a framework. */
export interface DirectModel {
  /** Its layers. */
  spec: ModelSpec;
  /** What its classes are called. */
  labels: string[];
  /**
   * Classes, probabilities and logits of n images `[n, height, width, channels]`:
   * bytes, which are divided by 255, or numbers in [0, 1]. Throws a `RangeError`
   * where the pixels are no whole images or aren't finite, and where sums overflow.
   */
  classify(images: Images): Classification;
}

/** Makes `spec` with `weights` ready to classify; `wide` is null where no layer needs it. */
export function prepareModel(
  spec: ModelSpec,
  weights: FloatArray[],
  { labels, wide }: { labels: string[]; wide: WideSteps | null },
): DirectModel {
  const { steps, largest, classes } = directSteps(spec, weights, wide);
  const workspace = [new Float64Array(largest), new Float64Array(largest)];
  return {
    spec,
    labels,
    classify(images) {
      const count = countImages(spec, images);
      const size = images.length / count;
      const scale = images instanceof Uint8Array ? 255 : 1;
      const logits = new Float32Array(count * classes);
      for (let image = 0; image < count; image++) {
        let [x, y] = workspace;
        for (let i = 0; i < size; i++) x[i] = images[image * size + i] / scale;
        for (const { run } of steps) {
          run(x, y);
          [x, y] = [y, x];
        }
        logits.set(x.subarray(0, classes), image * classes);
      }
      return classifyLogits(logits, classes);
    },
  };
}

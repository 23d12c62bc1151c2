import { classCount, modelCost } from "../../models/cost.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { type Classification, classifyLogits } from "../classification.ts";
import { countImages, type Images } from "../count_images.ts";

/** Images at a time, and numbers of a layer's output for them: bounds memory. */
const BATCH = 250;
const MOST_NUMBERS = 2 ** 26;

/** Pixels in memory of their own. */
export type OwnImages = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A model whose weights lie on the backend that was current when it was loaded. */
export interface TfjsModel extends Disposable {
  /** Its layers. */
  spec: ModelSpec;
  /** What its classes are called. */
  labels: string[];
  /**
   * What `DirectModel.classify` gives, in batches of at most 250. Throws a `RangeError`
   * where the pixels are no whole images or aren't finite, or sums overflow, and what became of the device if it
   * failed.
   */
  classify(images: Images): Promise<Classification>;
}

/**
 * What a model of `spec` says of `images`, of which `feed` gives the logits
 * `[count, classes]`, a batch at a time. Throws a `RangeError` where the pixels are
 * no whole images.
 */
export async function classifyInBatches(
  spec: ModelSpec,
  images: Images,
  feed: (pixels: OwnImages, count: number) => Promise<ArrayLike<number>>,
): Promise<Classification> {
  const count = countImages(spec, images);
  const size = spec.input.reduce((a, b) => a * b);
  const width = classCount(spec);
  const largest = modelCost(spec).layers.reduce(
    (most, { activationBytes }) => Math.max(most, activationBytes / 4),
    size,
  );
  const batch = Math.max(
    1,
    Math.min(BATCH, Math.floor(MOST_NUMBERS / largest)),
  );
  const logits = new Float32Array(count * width);
  for (let first = 0; first < count; first += batch) {
    const last = Math.min(count, first + batch);
    const part = images.slice(first * size, last * size);
    logits.set(await feed(part, last - first), first * width);
  }
  return classifyLogits(logits, width);
}

import type { EncodedModel } from "../core/infer/encoded_tensor.ts";

/** What a worker of `classifyInWorkers` is to do. */
export interface ScoreTask {
  /** As files hold them. */
  models: EncodedModel[];
  /** Pixels `[n, height, width, channels]`. */
  images: Uint8Array<ArrayBuffer>;
}

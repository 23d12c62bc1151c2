import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import * as tf from "../../tf.ts";
import {
  evaluateModel,
  type LabelledImages,
} from "../../train/evaluate_model.ts";
import type { Score } from "../../train/learner.ts";
import { toTensor } from "../../train/training_state.ts";

/**
 * How well what a file holds does on `images`: accuracy, and mean cross-entropy in
 * nats. On the current backend. Throws what {@linkcode evaluateModel} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { scoreEncoded } from "./score_encoded.ts";
 *
 * const { spec, weights } = await makeBarsTeacher(); // on Wasm
 * const score = await scoreEncoded({
 *   spec,
 *   labels: ["stands", "lies", "leans"],
 *   tensors: weights.map((weight) => ({ kind: "float", bits: 32, ...weight })),
 * }, { examples: makeBars().test });
 * assertEquals(score.accuracy, 1);
 * ```
 */
export async function scoreEncoded(
  { spec, tensors }: EncodedModel,
  images: LabelledImages,
): Promise<Score> {
  const weights = tensors.map((tensor) => toTensor(decodeTensor(tensor)));
  const { score } = await evaluateModel(spec, weights, images);
  tf.dispose(weights);
  return score;
}

import { type Examples, imageParts } from "../data/dataset.ts";
import type { Classification } from "./classification.ts";

/** `arrays` one after another. */
function join<Values extends Float32Array | Uint16Array>(
  arrays: readonly Values[],
  make: (length: number) => Values,
): Values {
  const whole = make(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of arrays) {
    whole.set(values, at);
    at += values.length;
  }
  return whole;
}

/**
 * What `classify` says of all images, which are read a part at a time where they lie in
 * files; all at once where they are in memory. Each image's answer is its own, so that
 * parts change nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { classifyParts } from "./classify_parts.ts";
 * import { loadEncoded } from "./load.ts";
 *
 * const model = loadEncoded(smallModel());
 * const images = new Uint8Array(2 * 784);
 * const answers = await classifyParts(model.classify, { shape: [28, 28, 1], images });
 * assertEquals(answers, model.classify(images));
 * ```
 */
export async function classifyParts(
  classify: (images: Uint8Array) => Classification | Promise<Classification>,
  examples: Pick<Examples, "images" | "shape">,
): Promise<Classification> {
  const { images } = examples;
  if (images instanceof Uint8Array) return await classify(images);
  const answers: Classification[] = [];
  for (const { pixels } of imageParts(examples)) {
    answers.push(await classify(pixels));
  }
  const floats = (length: number) => new Float32Array(length);
  return {
    classes: join(
      answers.map(({ classes }) => classes),
      (length) => new Uint16Array(length),
    ),
    probabilities: join(
      answers.map(({ probabilities }) => probabilities),
      floats,
    ),
    logits: join(answers.map(({ logits }) => logits), floats),
  };
}

import type { Classification } from "./classification.ts";

/**
 * The share of images whose class is their label, and the mean cross-entropy
 * (1/n) Σᵢ (log Σ_c exp z_ic − z_iy), in nats, of labels y `[n]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classifyLogits } from "./classification.ts";
 * import { scoreAnswers } from "./score_answers.ts";
 *
 * const answers = classifyLogits(Float32Array.of(0, 0, 0, 0), 2);
 * assertEquals(scoreAnswers(answers, Uint8Array.of(0, 1)), { accuracy: 0.5, loss: Math.LN2 });
 * ```
 */
export function scoreAnswers(
  { classes, logits }: Classification,
  labels: Uint8Array | Uint16Array,
): { accuracy: number; loss: number } {
  const width = logits.length / labels.length;
  let [hits, sum] = [0, 0];
  labels.forEach((label, image) => {
    const row = logits.subarray(image * width, (image + 1) * width);
    const most = row[classes[image]];
    const exponentials = row.reduce((all, z) => all + Math.exp(z - most), 0);
    hits += Number(classes[image] === label);
    sum += Math.log(exponentials) + most - row[label];
  });
  return { accuracy: hits / labels.length, loss: sum / labels.length };
}

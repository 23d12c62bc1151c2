import type { FeaturePart } from "./feature_store.ts";

/**
 * Share of a part's images whose largest teacher logit is that of their class:
 * the teacher's accuracy, without running it again.
 */
export function logitAccuracy(
  { count, labels, logits }: Pick<FeaturePart, "count" | "labels" | "logits">,
): number {
  const classes = logits.length / count;
  let hits = 0;
  for (let image = 0; image < count; image++) {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const best = row.indexOf(Math.max(...row));
    hits += Number(best === labels[image]);
  }
  return hits / count;
}

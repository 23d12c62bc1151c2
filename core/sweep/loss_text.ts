import { isRecord, parseJson } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";
import type { LossSpec } from "../train/losses.ts";

/** `loss` as text, its keys in one order: equal losses are equal texts. */
export function formatLoss(loss: LossSpec): string {
  return JSON.stringify(loss, ["kind", "temperature", "alpha"]);
}

/**
 * The loss that {@linkcode formatLoss} wrote as `text` into `study`.
 *
 * Throws a `SyntaxError` where it is no loss.
 */
export function parseLoss(
  text: string,
  { path }: { path: string },
): LossSpec {
  const source = `the study ${path}`;
  const value = parseJson(text, `a trial's loss of ${source}`);
  if (isRecord(value)) {
    const { kind, temperature, alpha } = value;
    if (kind === "logit-mse" || kind === "cross-entropy") return { kind };
    if (
      kind === "distillation" && typeof temperature === "number" &&
      typeof alpha === "number"
    ) return { kind, temperature, alpha };
  }
  throw new SyntaxError(
    `Cannot read ${source}: each trial's loss must be a known one: found ${
      cleanText(text)
    }`,
  );
}

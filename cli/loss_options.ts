import type { LossSpec } from "../core/train/losses.ts";
import type { OptionTable } from "./option.ts";

/** Names of the losses on the command line; `labels` learns from no teacher. */
export const LOSS_NAMES = ["logit-mse", "distillation", "labels"] as const;

/** Options of temperature distillation. */
export const DISTILLATION_OPTIONS = {
  temperature: {
    kind: "number",
    above: 0,
    max: 1000,
    default: 4,
    help: "T of the loss `distillation`",
  },
  alpha: {
    kind: "number",
    min: 0,
    max: 1,
    default: 0.9,
    help: "weight of the teacher in the loss `distillation`",
  },
} as const satisfies OptionTable;

/** The loss that goes by `name`. */
export function lossByName(
  name: (typeof LOSS_NAMES)[number],
  { temperature, alpha }: { temperature: number; alpha: number },
): LossSpec {
  switch (name) {
    case "logit-mse":
      return { kind: "logit-mse" };
    case "labels":
      return { kind: "cross-entropy" };
    case "distillation":
      return { kind: "distillation", temperature, alpha };
  }
}

import type { LossSpec } from "../core/train/losses.ts";
import { UsageError } from "./errors.ts";
import type { OptionTable } from "./option.ts";

/** Names of the losses on the command line; `labels` learns from no teacher. */
export const LOSS_NAMES = ["logit-mse", "distillation", "labels"] as const;

/** A loss's name on the command line. */
export type LossName = (typeof LOSS_NAMES)[number];

const DEFAULT_TEMPERATURE = 4;
const DEFAULT_ALPHA = 0.9;

/** Options of temperature distillation. */
export const DISTILLATION_OPTIONS = {
  temperature: {
    kind: "number",
    above: 0,
    max: 1000,
    usual: `${DEFAULT_TEMPERATURE}`,
    help: "T of the loss `distillation`",
  },
  alpha: {
    kind: "number",
    min: 0,
    max: 1,
    usual: `${DEFAULT_ALPHA}`,
    help: "weight of the teacher in the loss `distillation`",
  },
} as const satisfies OptionTable;

/** Values of {@linkcode DISTILLATION_OPTIONS}: what wasn't given is undefined. */
export interface DistillationValues {
  temperature?: number;
  alpha?: number;
}

/** Throws a `UsageError` where `given` is for a loss that isn't among `names`. */
export function checkDistillationValues(
  names: readonly LossName[],
  { temperature, alpha }: DistillationValues,
): void {
  if (names.includes("distillation")) return;
  if (temperature === undefined && alpha === undefined) return;
  throw new UsageError(
    `Cannot use ${
      temperature === undefined ? "--alpha" : "--temperature"
    } without --loss distillation: no other loss has one`,
  );
}

/** The loss that goes by `name`. */
export function lossByName(
  name: LossName,
  { temperature = DEFAULT_TEMPERATURE, alpha = DEFAULT_ALPHA }:
    DistillationValues,
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

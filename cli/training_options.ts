import type { OptimiserSpec } from "../core/train/optimisers/make_optimiser.ts";
import type { TrainingSpec } from "../core/train/train.ts";
import type { OptionTable } from "./option.ts";

const MOST_EPOCHS = 10_000;

/** Options that say how to train, where they differ from the command's default. */
export const TRAINING_OPTIONS = {
  epochs: {
    kind: "integer",
    min: 1,
    max: MOST_EPOCHS,
    help: "passes over the training images",
  },
  batch: { kind: "integer", min: 1, max: 60_000, help: "images a step" },
  patience: {
    kind: "integer",
    min: 1,
    max: MOST_EPOCHS,
    help: "epochs without improvement on validation before stopping",
  },
  optimiser: {
    kind: "choice",
    choices: ["adadelta", "adam", "sgd"],
    help: "how gradients change weights",
  },
  learningRate: { kind: "number", above: 0, max: 100, help: "at its highest" },
  schedule: {
    kind: "choice",
    choices: ["cosine", "constant"],
    help: "how the learning rate changes",
  },
} as const satisfies OptionTable;

/** Values of {@linkcode TRAINING_OPTIONS}: what wasn't given is undefined. */
export interface TrainingValues {
  epochs?: number;
  batch?: number;
  patience?: number;
  optimiser?: OptimiserSpec["kind"];
  learningRate?: number;
  schedule?: "cosine" | "constant";
}

/** Steps over which a cosine schedule climbs, where the default is another schedule. */
const WARMUP = 100;

/** `defaults` with what the user gave in their place. */
export function applyTrainingValues<
  Spec extends Omit<TrainingSpec, "seed">,
>(defaults: Spec, given: TrainingValues): Spec {
  const rate = given.learningRate ?? defaults.schedule.rate;
  const kind = given.schedule ?? defaults.schedule.kind;
  const warmup = defaults.schedule.kind === "cosine"
    ? defaults.schedule.warmup
    : WARMUP;
  return {
    ...defaults,
    epochs: given.epochs ?? defaults.epochs,
    batchSize: given.batch ?? defaults.batchSize,
    patience: given.patience ?? defaults.patience,
    optimiser: given.optimiser === undefined
      ? defaults.optimiser
      : { kind: given.optimiser },
    schedule: kind === "constant"
      ? { kind, rate }
      : { ...defaults.schedule, kind, rate, warmup },
  };
}

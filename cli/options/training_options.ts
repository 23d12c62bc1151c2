import type { OptimiserSpec } from "../../core/train/optimisers/make_optimiser.ts";
import type { TrainingSpec } from "../../core/train/train.ts";
import type { OptionTable } from "./option.ts";

const MOST_EPOCHS = 10_000;

/** Learning rates that each optimiser is usually begun with. */
const USUAL_RATES = { adadelta: 1, adam: 0.001, sgd: 0.01 } as const;

/** What --help says of the learning rate: the default's, then the others'. */
function describeRates(
  { optimiser, schedule }: Omit<TrainingSpec, "seed">,
): string {
  const others = Object.entries(USUAL_RATES)
    .filter(([kind]) => kind !== optimiser.kind)
    .map(([kind, rate]) => `${rate} with ${kind}`);
  return [schedule.rate, ...others].join(", ");
}

/** Options that say how to train, where that differs from `defaults`. */
export function trainingOptions(defaults: Omit<TrainingSpec, "seed">) {
  const { epochs, batchSize, patience, optimiser, schedule } = defaults;
  return {
    epochs: {
      kind: "integer",
      min: 1,
      max: MOST_EPOCHS,
      usual: `${epochs}`,
      help: "passes over the training images",
    },
    batch: {
      kind: "integer",
      min: 1,
      max: 60_000,
      usual: `${batchSize}`,
      help: "images a step",
    },
    patience: {
      kind: "integer",
      min: 1,
      max: MOST_EPOCHS,
      usual: `${patience}`,
      help: "epochs without improvement on validation before stopping",
    },
    optimiser: {
      kind: "choice",
      choices: ["adadelta", "adam", "sgd"],
      usual: optimiser.kind,
      help: "how gradients change weights",
    },
    learningRate: {
      kind: "number",
      above: 0,
      max: 100,
      usual: describeRates(defaults),
      help: "how far a step goes, at its highest",
    },
    schedule: {
      kind: "choice",
      choices: ["cosine", "constant"],
      usual: schedule.kind,
      help: "how the learning rate changes",
    },
  } as const satisfies OptionTable;
}

/** Values of {@linkcode trainingOptions}: what wasn't given is undefined. */
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

/**
 * `defaults` with what the user gave in their place. The default learning rate
 * is tuned for the default optimiser: another one starts with its usual rate.
 */
export function applyTrainingValues<
  Spec extends Omit<TrainingSpec, "seed">,
>(defaults: Spec, given: TrainingValues): Spec {
  const optimiser = given.optimiser ?? defaults.optimiser.kind;
  const usualRate = optimiser === defaults.optimiser.kind
    ? defaults.schedule.rate
    : USUAL_RATES[optimiser];
  const rate = given.learningRate ?? usualRate;
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

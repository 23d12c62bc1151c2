import type { ScheduleSpec } from "../../train/schedule.ts";
import type { ImportanceKind } from "../prune/channel_importance.ts";
import type { PruningScope } from "../prune/magnitude_masks.ts";
import type { KernelBits, Retraining, Stage } from "./stage.ts";

/** The form that weights end in. */
export type WeightForm =
  /** Codebooks of so many entries, the 0 of pruned weights included. */
  | { kind: "share"; entries: number | number[] }
  /** Levels of so many bits. */
  | {
    kind: "quantise";
    bits: KernelBits;
    perChannel: boolean;
    powerOfTwo: boolean;
    ratePenalty?: number;
  };

/** How a model is compressed, as plain data. */
export interface CompressionSetting {
  /** Filters or units that layers, by name, end with; others keep theirs. */
  widths: Record<string, number>;
  /** By what filters and units are judged. */
  importance: ImportanceKind;
  /** Rounds of thinning. */
  thinRounds: number;
  /** Share of the kernels' weights to prune; 0 for none. */
  sparsity: number;
  /** Which weights compete. */
  scope: PruningScope;
  /** Rounds of pruning, the sparsity by the cubic schedule. */
  pruneRounds: number;
  /** The form that kernels end in. */
  form: WeightForm;
  /** Bits of biases. */
  biasBits: number;
  /** Epochs after each round of thinning, of pruning, after the last of pruning, and in the final form. */
  epochs: { thin: number; prune: number; last: number; form: number };
  /** Highest learning rate of Adam, with floating weights and in the final form. */
  rates: { float: number; form: number };
  /** Images a step. */
  batchSize: number;
  /** Images an epoch, where that isn't all of them. */
  examplesPerEpoch?: number;
}

/** What compresses MNIST's models well: a little of everything but thinning. */
export const COMPRESSION_SETTING: CompressionSetting = {
  widths: {},
  importance: "activation",
  thinRounds: 3,
  sparsity: 0.95,
  scope: "lamp",
  pruneRounds: 5,
  form: { kind: "share", entries: 16 },
  biasBits: 6,
  epochs: { thin: 2, prune: 1, last: 8, form: 4 },
  rates: { float: 2e-3, form: 1e-3 },
  batchSize: 128,
};

/** How long to train, and from what learning rate. */
export function retrainingOf(
  { batchSize, examplesPerEpoch }: Pick<
    CompressionSetting,
    "batchSize" | "examplesPerEpoch"
  >,
  epochs: number,
  rate: number,
): Retraining {
  const schedule: ScheduleSpec = { kind: "cosine", rate, floor: 0.02 };
  return {
    epochs,
    batchSize,
    patience: epochs,
    schedule,
    optimiser: { kind: "adam" },
    ...(examplesPerEpoch === undefined ? {} : { examplesPerEpoch }),
  };
}

/** Stages that bring the weights of a pruned model into `setting`'s form. */
export function planForm(setting: CompressionSetting): Stage[] {
  const { form, biasBits, epochs, rates } = setting;
  const training = retrainingOf(setting, epochs.form, rates.form);
  if (form.kind === "share") {
    const { kind, entries: sizes } = form;
    return [{ kind: "exact" }, { kind, sizes, biasBits, training }];
  }
  return [{ kind: "exact" }, { ...form, biasBits, training }];
}

/** Stages that make a model smaller before any weight is pruned for its magnitude. */
export function planThinning(setting: CompressionSetting): Stage[] {
  const { widths, importance, thinRounds: rounds, epochs, rates } = setting;
  if (Object.keys(widths).length === 0) return [{ kind: "exact" }];
  const training = retrainingOf(setting, epochs.thin, rates.float);
  return [
    { kind: "exact" },
    { kind: "thin", widths, importance, rounds, training },
  ];
}

/**
 * The stages of a whole compression: exact pruning; thinning, where widths are given;
 * magnitude pruning, unless the sparsity is 0; exact pruning again, as units have lost
 * all that they read or all that reads them; and the final form.
 *
 * With codebooks and without thinning it is Deep Compression (Han, Mao and Dally,
 * 2016), whose Huffman code is one of those that the file chooses from.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { COMPRESSION_SETTING, planStages } from "./plan_stages.ts";
 *
 * const stages = planStages(COMPRESSION_SETTING).map(({ kind }) => kind);
 * assertEquals(stages, ["exact", "prune", "exact", "share"]);
 * ```
 */
export function planStages(setting: CompressionSetting): Stage[] {
  const { sparsity, scope, pruneRounds: rounds, epochs, rates } = setting;
  const train = (count: number) => retrainingOf(setting, count, rates.float);
  const prune: Stage = {
    kind: "prune",
    scope,
    rounds,
    schedule: { kind: "polynomial", initial: 0, final: sparsity },
    training: train(epochs.prune),
    last: train(epochs.last),
  };
  return [
    ...planThinning(setting),
    ...(sparsity > 0 ? [prune] : []),
    ...planForm(setting),
  ];
}

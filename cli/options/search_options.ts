import {
  DEFAULT_CANDIDATES,
  SEARCH_TRAINING,
} from "../../core/search/search_training.ts";
import {
  type CandidateSpace,
  listCandidates,
  MAX_BITS,
  type Recipe,
  recipeOf,
} from "../../core/search/candidate.ts";
import {
  type SearchTraining,
  shareConfiguration,
} from "../../core/search/search_training.ts";
import { COMPACT_RECIPE } from "../../core/compress/compact/compact_recipe.ts";
import { COMPACT_FAMILIES, compactLayers } from "../../core/models/compact.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import { UsageError } from "../terminal/errors.ts";
import { DEFAULT_SEED } from "./common_options.ts";
import {
  changeLoss,
  COMPACT_OPTIONS,
  compactConfiguration,
  POOL_OPTIONS,
  poolSpec,
} from "./compact_options.ts";
import {
  checkLossValues,
  hasLossValues,
  LOSS_NAMES,
  type LossValues,
} from "./loss_options.ts";
import { fillDefaults, withoutDefaults } from "./defaults.ts";
import type { OptionTable, OptionValues } from "./option.ts";

const {
  bits: _,
  layerBits: __,
  ratePenalty: ___,
  loss: ____,
  // A search is after the best of every size.
  atLeast: _____,
  ...SHARED
} = COMPACT_OPTIONS;

/** Options that say what is tried. */
export const SPACE_OPTIONS = {
  layers: {
    kind: "string",
    placeholder: '"A;B;…"',
    usual: `${DEFAULT_CANDIDATES.layers.length} small ones`,
    help: "layers of each kind of student, with semicolons between",
  },
  family: {
    kind: "choices",
    choices: COMPACT_FAMILIES,
    help: "kinds of student by name, of each of --channels; beside --layers",
  },
  channels: {
    kind: "string",
    placeholder: '"N,N;N,N;…"',
    help: "channels after each convolution, for --family",
  },
  bits: {
    kind: "integers",
    min: 1,
    max: MAX_BITS,
    usual: DEFAULT_CANDIDATES.bits.join(),
    help: "bits of a kernel's weights",
  },
  ratePenalty: {
    kind: "numbers",
    min: 0,
    usual: DEFAULT_CANDIDATES.ratePenalty.join(),
    help: "weights of the coded size in the loss, per bit a weight",
  },
  loss: {
    kind: "choices",
    choices: LOSS_NAMES,
    usual: "distillation",
    help: "what students learn by; labels ignores the teacher's logits",
  },
  seeds: {
    kind: "integers",
    min: 0,
    usual: `${DEFAULT_CANDIDATES.seeds.length} of them, from --seed on`,
    help: "seeds that each student is trained with",
  },
} as const satisfies OptionTable;

/** Options that say that what is tried is found by evolution, and within what. */
export const EVOLUTION_OPTIONS = {
  evolve: {
    kind: "integer",
    min: 1,
    help:
      "students in all: what is tried is where it begins, the rest are found by evolution",
  },
  largest: {
    kind: "integer",
    min: 1,
    placeholder: "BYTES",
    usual: "twice the largest that it begins with",
    help: "with --evolve: bytes that no student is estimated above",
  },
} as const satisfies OptionTable;

/** What options say of `training`, where it isn't what they say by default. */
function valuesOf(training: SearchTraining): Record<string, unknown> {
  const { epochs, rates, pool } = training;
  return {
    biasBits: training.biasBits,
    perChannel: training.perChannel,
    steps: training.powerOfTwo ? "powers" : "halves",
    integers: training.integers !== undefined,
    ...training.integers && {
      activationBits: training.integers.activationBits,
    },
    balanced: training.balanced === true,
    damping: training.damping,
    epochs: epochs.float,
    quantisedEpochs: epochs.quantised,
    batch: training.batchSize,
    learningRate: rates.float,
    quantisedLearningRate: rates.quantised,
    averaging: training.averaging,
    copies: pool.copies,
  };
}

/** Options that say how all of them are trained. */
export const SEARCH_TRAINING_OPTIONS = withoutDefaults(
  SHARED,
  valuesOf(SEARCH_TRAINING),
);

/** Options that say what all of them learn from. */
export const SEARCH_POOL_OPTIONS = withoutDefaults(
  POOL_OPTIONS,
  valuesOf(SEARCH_TRAINING),
);

type SpaceValues = OptionValues<typeof SPACE_OPTIONS> & {
  seed?: number;
} & LossValues;

/** The parts of `text` between semicolons. */
function splitList(flag: string, text: string): string[] {
  const parts = text.split(";").map((part) => part.trim());
  if (!parts.includes("")) return parts;
  throw new UsageError(
    `Cannot use ${flag} "${text}": there must be something between semicolons`,
  );
}

/** Layers of each family with each list of channels. */
function listFamilies(
  { family, channels }: Pick<SpaceValues, "family" | "channels">,
): string[] {
  if (family === undefined && channels === undefined) return [];
  if (family === undefined || channels === undefined) {
    throw new UsageError(
      "Cannot use --family without --channels, nor these without it: they say together what is tried",
    );
  }
  const lists = splitList("--channels", channels)
    .map((list) => list.split(",").map(Number));
  return family.flatMap((family) =>
    lists.map((channels) => compactLayers({ family, channels }))
  );
}

/** `space` with what the user gave in place of its own. */
export function searchSpace(
  space: CandidateSpace,
  values: SpaceValues,
): CandidateSpace {
  const { seed: first = DEFAULT_SEED } = values;
  const names = values.loss ?? (["distillation"] as const);
  checkLossValues(names, values);
  const layers = [
    ...(values.layers === undefined
      ? []
      : splitList("--layers", values.layers)),
    ...listFamilies(values),
  ];
  const plain = values.loss === undefined && !hasLossValues(values);
  return {
    layers: layers.length > 0 ? layers : space.layers,
    bits: values.bits ?? space.bits,
    ratePenalty: values.ratePenalty ?? space.ratePenalty,
    losses: plain
      ? space.losses
      : names.map((loss) =>
        changeLoss(COMPACT_RECIPE.configuration.loss, { ...values, loss })
      ),
    seeds: values.seeds ??
      space.seeds.map((seed) => seed + first - DEFAULT_SEED),
  };
}

/** Every recipe of `space`: what an evolution begins with. */
export function listRecipes(space: CandidateSpace): Recipe[] {
  return listCandidates({ ...space, seeds: [0] }).map(recipeOf);
}

/**
 * Throws a `UsageError` where `values` ask for an evolution and for what it has no use for:
 * seeds, which it draws, and several losses, which are not compared by bytes and error.
 */
export function checkEvolution(
  { evolve, largest, seeds, loss }: SpaceValues & {
    evolve?: number;
    largest?: number;
  },
): void {
  if (evolve === undefined) {
    if (largest === undefined) return;
    throw new UsageError(
      "Cannot use --largest without --evolve: without it students are as large as their layers say",
    );
  }
  if (seeds !== undefined) {
    throw new UsageError(
      "Cannot use --seeds with --evolve: each student's seed is drawn from --seed; run it again with another --seed and --study",
    );
  }
  if (loss !== undefined && loss.length > 1) {
    throw new UsageError(
      `Cannot use --loss ${loss} with --evolve: there must be one: files are compared by bytes and accuracy alone`,
    );
  }
}

/** `values` without those that weren't given. */
function dropUndefined(
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  );
}

/**
 * How the options ask that all are trained on `dataset`: as `preset` where they don't
 * say, its images varied as they may be.
 */
export function searchTraining(
  preset: SearchTraining,
  given: Readonly<Record<string, unknown>>,
  dataset: Pick<SplitDataset, "train" | "augmentation" | "shape">,
): SearchTraining {
  const values = { ...valuesOf(preset), ...dropUndefined(given) };
  const filled = fillDefaults(COMPACT_OPTIONS, {
    ...values,
    bits: undefined,
    ratePenalty: undefined,
    loss: undefined,
  });
  const configuration = compactConfiguration(filled, {
    images: dataset.train.count,
  });
  return shareConfiguration(
    configuration,
    poolSpec(fillDefaults(POOL_OPTIONS, values), dataset),
  );
}

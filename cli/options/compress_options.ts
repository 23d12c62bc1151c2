import {
  COMPRESSION_RECIPE,
  type CompressionRecipe,
} from "../../core/compress/pipeline/recipe.ts";
import { UsageError } from "../terminal/errors.ts";
import type { OptionTable, OptionValues } from "./option.ts";

const { sparsity, pruneRounds, thinRounds, epochs, rates, pool } =
  COMPRESSION_RECIPE;
const ENTRIES = 16;
const MOST_EPOCHS = 10_000;

const EPOCHS = { kind: "integer", min: 1, max: MOST_EPOCHS } as const;
const RATE = { kind: "number", above: 0, max: 100 } as const;

/** Options that say how a model is compressed: what is given stands above the recipe. */
export const COMPRESS_OPTIONS = {
  recipe: {
    kind: "path",
    reads: "file",
    placeholder: "FILE",
    help: "a manifest that compress wrote, or JSON like its `configuration`",
  },
  method: {
    kind: "choice",
    choices: ["deep-compression", "thin"],
    usual: "deep-compression, or the recipe's",
    help: "prune and share weights; or thin, prune, and quantise or share them",
  },
  widths: {
    kind: "string",
    placeholder: "LAYER=N,…",
    help:
      "with thin: filters or units that layers end with, as conv1=8,conv2=16",
  },
  thinRounds: {
    kind: "integer",
    min: 1,
    max: 100,
    usual: `${thinRounds}`,
    help: "rounds in which they go",
  },
  sparsity: {
    kind: "number",
    min: 0,
    below: 1,
    usual: `${sparsity}`,
    help: "share of the kernels' weights to prune, unless a target finds it",
  },
  rounds: {
    kind: "integer",
    min: 1,
    max: 100,
    usual: `${pruneRounds}`,
    help: "rounds of pruning, with retraining after each; a target has its own",
  },
  entries: {
    kind: "numbers",
    min: 2,
    max: 256,
    usual: `${ENTRIES}`,
    help: "entries of codebooks, for sharing; one number, or one a kernel",
  },
  bits: {
    kind: "numbers",
    min: 1,
    max: 8,
    help:
      "with thin: quantise instead, to so many bits; one number, or one a kernel",
  },
  epochs: {
    ...EPOCHS,
    usual: `${epochs.last}`,
    help: "epochs after the last round, or after each where a goal is searched",
  },
  formEpochs: {
    ...EPOCHS,
    usual: `${epochs.form}`,
    help: "epochs with shared or quantised weights",
  },
  learningRate: {
    ...RATE,
    usual: `${rates.float}`,
    help: "how far a step goes, at its highest",
  },
  formLearningRate: {
    ...RATE,
    usual: `${rates.form}`,
    help: "the same with shared or quantised weights",
  },
  copies: {
    kind: "integer",
    min: 1,
    max: 200,
    usual: `${pool.copies}`,
    help: "of each training image, varied, the original among them",
  },
} as const satisfies OptionTable;

/** Where options of earlier versions are said now: in a recipe. */
export const RECIPE_FIELDS: Readonly<Record<string, string>> = {
  importance: "importance",
  scope: "scope",
  bitBudget: "form.bits.budget",
  perChannel: "form.perChannel",
  ratePenalty: "form.ratePenalty",
  biasBits: "biasBits",
  loss: "loss.kind",
  temperature: "loss.temperature",
  alpha: "loss.alpha",
  thinEpochs: "epochs.thin",
  roundEpochs: "epochs.prune",
  batch: "batchSize",
  examples: "examplesPerEpoch",
  poolSeed: "pool.seed",
  shift: "pool.augmentation.shift",
  scale: "pool.augmentation.scale",
  rotation: "pool.augmentation.rotation",
  shear: "pool.augmentation.shear",
  elastic: "pool.augmentation.elastic.amplitude",
};

/** `conv1=8,conv2=16` as widths by layer. */
function parseWidths(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(",").map((word) => {
      const match = /^([\w-]+)=(\d+)$/.exec(word.trim());
      if (!match) {
        throw new UsageError(
          `Cannot use --widths ${text}: each layer must be like conv1=8: found "${word}"`,
        );
      }
      return [match[1], Number(match[2])];
    }),
  );
}

/** One number, or a list. */
function oneOrMany(values: number[]): number | number[] {
  const wrong = values.find((value) => !Number.isInteger(value));
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot use ${wrong} in --entries or --bits: each must be an integer`,
    );
  }
  return values.length === 1 ? values[0] : values;
}

/** Throws where an option is given that only the other method has. */
function checkMethod(
  { recipe, method, widths, bits, entries }: OptionValues<
    typeof COMPRESS_OPTIONS
  >,
): void {
  if (bits !== undefined && entries !== undefined) {
    throw new UsageError(
      "Cannot use --bits with --entries: give one or the other",
    );
  }
  const isThin = method === "thin" ||
    (method === undefined && recipe !== undefined);
  if (isThin) return;
  for (const [name, value] of Object.entries({ widths, bits })) {
    if (value === undefined) continue;
    throw new UsageError(
      `Cannot use --${name} with --method deep-compression: it is for the other method`,
    );
  }
}

/** `recipe` with what the options say in its place, and `images` an epoch unless it says. */
export function changeRecipe(
  recipe: CompressionRecipe,
  values: OptionValues<typeof COMPRESS_OPTIONS>,
  { images }: { images: number },
): CompressionRecipe {
  checkMethod(values);
  const { widths, bits, entries } = values;
  const ownForm = recipe.form.kind === "quantise" ? recipe.form : {
    kind: "quantise",
    perChannel: false,
    powerOfTwo: true,
    ratePenalty: 0,
  } as const;
  const form = bits !== undefined
    ? { ...ownForm, bits: oneOrMany(bits) }
    : entries !== undefined
    ? { kind: "share", entries: oneOrMany(entries) } as const
    : recipe.form;
  return {
    ...recipe,
    widths: widths === undefined ? recipe.widths : parseWidths(widths),
    thinRounds: values.thinRounds ?? recipe.thinRounds,
    sparsity: values.sparsity ?? recipe.sparsity,
    pruneRounds: values.rounds ?? recipe.pruneRounds,
    form,
    epochs: {
      ...recipe.epochs,
      last: values.epochs ?? recipe.epochs.last,
      form: values.formEpochs ?? recipe.epochs.form,
    },
    rates: {
      float: values.learningRate ?? recipe.rates.float,
      form: values.formLearningRate ?? recipe.rates.form,
    },
    examplesPerEpoch: recipe.examplesPerEpoch ?? images,
    pool: { ...recipe.pool, copies: values.copies ?? recipe.pool.copies },
  };
}

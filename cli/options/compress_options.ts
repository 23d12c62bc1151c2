import {
  COMPRESSION_SETTING,
  type CompressionSetting,
  type WeightForm,
} from "../../core/compress/pipeline/plan_stages.ts";
import { batchOptions } from "./batch_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { LOSS_NAMES, LOSS_OPTIONS } from "./loss_options.ts";
import type { OptionTable, OptionValues } from "./option.ts";

const {
  sparsity,
  pruneRounds,
  thinRounds,
  biasBits,
  epochs,
  rates,
  batchSize,
} = COMPRESSION_SETTING;
const ENTRIES = 16;
const MOST_EPOCHS = 10_000;

const EPOCHS = { kind: "integer", min: 1, max: MOST_EPOCHS } as const;
const RATE = { kind: "number", above: 0, max: 100 } as const;

/** Options that say how a model is compressed. */
export const COMPRESS_OPTIONS = {
  method: {
    kind: "choice",
    choices: ["deep-compression", "thin"],
    default: "deep-compression",
    help: "prune and share weights; or thin, prune, and quantise or share them",
  },
  widths: {
    kind: "string",
    placeholder: "LAYER=N,…",
    help:
      "with thin: filters or units that layers end with, as conv1=8,conv2=16",
  },
  importance: {
    kind: "choice",
    choices: ["activation", "norm"],
    default: COMPRESSION_SETTING.importance,
    help: "by what filters and units are judged",
  },
  thinRounds: {
    kind: "integer",
    min: 1,
    max: 100,
    default: thinRounds,
    help: "rounds in which they go",
  },
  sparsity: {
    kind: "number",
    min: 0,
    below: 1,
    default: sparsity,
    help: "share of the kernels' weights to prune, unless a target finds it",
  },
  scope: {
    kind: "choice",
    choices: ["layer", "global", "lamp"],
    default: COMPRESSION_SETTING.scope,
    help: "whether layers lose the same share, the smallest go, or LAMP judges",
  },
  rounds: {
    kind: "integer",
    min: 1,
    max: 100,
    default: pruneRounds,
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
  bitBudget: {
    kind: "integer",
    min: 1,
    help:
      "with thin: the same, each kernel to the bits that lose least in so many bytes",
  },
  perChannel: {
    kind: "boolean",
    help: "with --bits: a step size for each output channel",
  },
  ratePenalty: {
    kind: "number",
    min: 0,
    default: 0,
    help: "with --bits: weight of the coded size in the loss",
  },
  biasBits: {
    kind: "integer",
    min: 1,
    max: 8,
    default: biasBits,
    help: "bits of biases",
  },
  loss: {
    kind: "choice",
    choices: LOSS_NAMES,
    default: "distillation",
    help: "what retraining learns by",
  },
  ...LOSS_OPTIONS,
  thinEpochs: {
    ...EPOCHS,
    default: epochs.thin,
    help: "epochs after each round of thinning",
  },
  roundEpochs: {
    ...EPOCHS,
    default: epochs.prune,
    help: "epochs after each round of pruning but the last",
  },
  epochs: {
    ...EPOCHS,
    default: epochs.last,
    help: "epochs after the last, or after each where a goal is searched",
  },
  formEpochs: {
    ...EPOCHS,
    default: epochs.form,
    help: "epochs with shared or quantised weights",
  },
  learningRate: {
    ...RATE,
    default: rates.float,
    help: "how far a step goes, at its highest",
  },
  formLearningRate: {
    ...RATE,
    default: rates.form,
    help: "the same with shared or quantised weights",
  },
  ...batchOptions(batchSize),
} as const satisfies OptionTable;

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
function checkMethod(values: OptionValues<typeof COMPRESS_OPTIONS>): void {
  const { method, widths, bits, bitBudget, entries } = values;
  const forms = {
    "--bits": bits,
    "--bit-budget": bitBudget,
    "--entries": entries,
  };
  const given = Object.entries(forms).flatMap(([name, value]) =>
    value === undefined ? [] : [name]
  );
  if (given.length > 1) {
    throw new UsageError(
      `Cannot use ${given.join(" with ")}: give one or the other`,
    );
  }
  const ofLevels = {
    "--per-channel": values.perChannel || undefined,
    "--rate-penalty": values.ratePenalty || undefined,
  };
  if (bits === undefined && bitBudget === undefined) {
    for (const [name, value] of Object.entries(ofLevels)) {
      if (value === undefined) continue;
      throw new UsageError(
        `Cannot use ${name} without --bits or --bit-budget: codebooks have no step sizes`,
      );
    }
  }
  if (method === "thin") return;
  const others = {
    "--widths": widths,
    "--bits": bits,
    "--bit-budget": bitBudget,
  };
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue;
    throw new UsageError(
      `Cannot use ${name} with --method ${method}: it is for the other method`,
    );
  }
}

/** The setting that the options ask for, with `images` an epoch unless they say. */
export function compressionSetting(
  values: OptionValues<typeof COMPRESS_OPTIONS>,
  { images }: { images: number },
): CompressionSetting {
  checkMethod(values);
  const bits = values.bitBudget === undefined
    ? values.bits && oneOrMany(values.bits)
    : { budget: values.bitBudget };
  const form: WeightForm = bits !== undefined
    ? {
      kind: "quantise",
      bits,
      perChannel: values.perChannel,
      powerOfTwo: true,
      ratePenalty: values.ratePenalty,
    }
    : { kind: "share", entries: oneOrMany(values.entries ?? [ENTRIES]) };
  return {
    widths: values.widths === undefined ? {} : parseWidths(values.widths),
    importance: values.importance,
    thinRounds: values.thinRounds,
    sparsity: values.sparsity,
    scope: values.scope,
    pruneRounds: values.rounds,
    form,
    biasBits: values.biasBits,
    epochs: {
      thin: values.thinEpochs,
      prune: values.roundEpochs,
      last: values.epochs,
      form: values.formEpochs,
    },
    rates: { float: values.learningRate, form: values.formLearningRate },
    batchSize: values.batch,
    examplesPerEpoch: values.examples ?? images,
  };
}

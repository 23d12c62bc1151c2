import {
  COMPACT_POOL,
  type CompactConfiguration,
  type WeightBits,
} from "../../core/compress/compact/compact_configuration.ts";
import {
  COMPACT_RECIPE,
  type CompactRecipe,
} from "../../core/compress/compact/compact_recipe.ts";
import { AUGMENTATIONS } from "../../core/data/augmentation.ts";
import type { Dataset } from "../../core/data/dataset.ts";
import type { PoolSpec } from "../../core/distill/augmented_pool.ts";
import { LOSSES, type LossSpec } from "../../core/train/losses/losses.ts";
import { UsageError } from "../terminal/errors.ts";
import { chooseLoss, LOSS_NAMES, LOSS_OPTIONS } from "./loss_options.ts";
import type { OptionTable, OptionValues } from "./option.ts";

/** Options that say how many images an epoch and a step take. */
function batchOptions(batchSize: number) {
  return {
    examples: {
      kind: "integer",
      min: 1,
      usual: "as many as there are training images",
      help: "images an epoch",
    },
    batch: {
      kind: "integer",
      min: 1,
      max: 60_000,
      default: batchSize,
      help: "images a step",
    },
  } as const satisfies OptionTable;
}

const USUAL = COMPACT_RECIPE.configuration;
const {
  bits,
  powerOfTwo,
  ratePenalty,
  damping,
  epochs,
  rates,
  batchSize,
  averaging,
} = USUAL;
/** Of the Gaussian that smooths an elastic field, in pixels. */
const ELASTIC_DEVIATION = COMPACT_POOL.augmentation.elastic.deviation;
const AS_AUGMENTED = "as --augment has it";
const TEMPERATURE = 3;
const MOST_EPOCHS = 10_000;

/** Options that say how a compact model is trained. */
export const COMPACT_OPTIONS = {
  bits: {
    kind: "integer",
    min: 1,
    max: 32,
    default: bits.kernel,
    help: "bits of a kernel's weights: 1 to 8, or 16 or 32 for floats",
  },
  biasBits: {
    kind: "integer",
    min: 1,
    max: 32,
    default: bits.bias,
    help: "bits of biases",
  },
  layerBits: {
    kind: "string",
    placeholder: "LAYER=BITS,…",
    usual: "as above",
    help: "bits of single layers, as conv1=8,logits=3/6: kernel, then bias",
  },
  perChannel: {
    kind: "boolean",
    help:
      "give each output channel of a kernel a step size (integers: a shift)",
  },
  integers: {
    kind: "boolean",
    help: "make a model of integers, exact on every backend",
  },
  activationBits: {
    kind: "integer",
    min: 1,
    max: 8,
    usual: "8",
    help: "bits of numbers between layers, with --integers",
  },
  steps: {
    kind: "choice",
    choices: ["powers", "halves"],
    default: powerOfTwo ? "powers" : "halves",
    help:
      "step sizes that weights are multiples of: powers of two, or float16s",
  },
  balanced: {
    kind: "boolean",
    help:
      "begin with weights scaled by what they make of images: for rates of 0.03",
  },
  ratePenalty: {
    kind: "number",
    min: 0,
    default: ratePenalty,
    help: "weight of the coded size in the loss, per bit a weight",
  },
  damping: {
    kind: "number",
    min: 0,
    default: damping,
    help: "how strongly weights are drawn to their levels at the end",
  },
  loss: {
    kind: "choice",
    choices: LOSS_NAMES,
    default: "distillation",
    help: "what it learns by",
  },
  ...LOSS_OPTIONS,
  temperature: { ...LOSS_OPTIONS.temperature, usual: `${TEMPERATURE}` },
  epochs: {
    kind: "integer",
    min: 1,
    max: MOST_EPOCHS,
    default: epochs.float,
    help: "epochs with float weights",
  },
  quantisedEpochs: {
    kind: "integer",
    min: 1,
    max: MOST_EPOCHS,
    default: epochs.quantised,
    help: "epochs after that with weights held to their bits",
  },
  ...batchOptions(batchSize),
  learningRate: {
    kind: "number",
    above: 0,
    max: 100,
    default: rates.float,
    help: "how far a step goes, at its highest",
  },
  quantisedLearningRate: {
    kind: "number",
    above: 0,
    max: 100,
    default: rates.quantised,
    help: "the same in the second part",
  },
  averaging: {
    kind: "number",
    min: 0,
    below: 1,
    default: averaging,
    help: "decay of the moving average of the float weights",
  },
  atLeast: {
    kind: "number",
    min: 0,
    max: 1,
    usual: "the most accurate epoch is kept",
    help:
      "keep the epoch of the smallest file with this accuracy on validation",
  },
} as const satisfies OptionTable;

/** Options that say what it learns from. */
export const POOL_OPTIONS = {
  copies: {
    kind: "integer",
    min: 1,
    max: 200,
    default: COMPACT_POOL.copies,
    help: "of each training image, the original among them",
  },
  poolSeed: {
    kind: "integer",
    min: 0,
    default: COMPACT_POOL.seed,
    help: "what the copies derive from: one pool does for many models",
  },
  augment: {
    kind: "choice",
    choices: ["digits", "photos", "none"],
    usual: "as the data are: photos where they have colour, or digits",
    help:
      "what the copies may be: digits turned, sheared and bent, photos mirrored and moved, or none",
  },
  shift: {
    kind: "number",
    min: 0,
    max: 64,
    usual: AS_AUGMENTED,
    help: "pixels that a copy is moved, at the most",
  },
  scale: {
    kind: "number",
    min: 0,
    max: 0.9,
    usual: AS_AUGMENTED,
    help: "how far its size may be from the original's",
  },
  rotation: {
    kind: "number",
    min: 0,
    max: 180,
    usual: AS_AUGMENTED,
    help: "degrees that it is turned, at the most",
  },
  shear: {
    kind: "number",
    min: 0,
    max: 2,
    usual: AS_AUGMENTED,
    help: "columns that a row is moved for each row from the middle",
  },
  elastic: {
    kind: "number",
    min: 0,
    max: 1000,
    usual: AS_AUGMENTED,
    help:
      "amplitude of the elastic field, which a Gaussian of 4 pixels smooths",
  },
} as const satisfies OptionTable;

/** `conv1=8,logits=3/6` as bits by layer. */
function parseLayerBits(text: string): Record<string, Partial<WeightBits>> {
  return Object.fromEntries(
    text.split(",").map((word) => {
      const match = /^([\w-]+)=(\d+)(?:\/(\d+))?$/.exec(word.trim());
      if (!match) {
        throw new UsageError(
          `Cannot use --layer-bits ${text}: each layer must be like conv1=8 or logits=3/6: found "${word}"`,
        );
      }
      const [, name, kernel, bias] = match;
      return [name, {
        kernel: Number(kernel),
        ...(bias !== undefined && { bias: Number(bias) }),
      }];
    }),
  );
}

/** `loss` with what the options say in its place. */
export function changeLoss(
  loss: LossSpec,
  values: Partial<OptionValues<typeof LOSS_OPTIONS>> & { loss?: string },
): LossSpec {
  const own = LOSSES[loss.kind].option;
  const name = values.loss ?? own;
  const { temperature, alpha } = values;
  return chooseLoss(name, {
    ...name === own ? loss : { temperature: TEMPERATURE },
    ...temperature !== undefined && { temperature },
    ...alpha !== undefined && { alpha },
  });
}

/** The configuration of `recipe` with what the options say in its place, and `images` an epoch unless either says. */
export function compactConfiguration(
  values: Partial<OptionValues<typeof COMPACT_OPTIONS>> & { seed?: number },
  { images, recipe = USUAL }: {
    images: number;
    recipe?: CompactRecipe["configuration"];
  },
): CompactConfiguration {
  const integers = recipe.integers ??
    (values.integers ? { activationBits: 8 } : undefined);
  const { activationBits } = values;
  if (activationBits !== undefined && !integers) {
    throw new UsageError(
      `Cannot use --activation-bits ${activationBits}: only a model of integers rounds what is between layers: give --integers too`,
    );
  }
  const atLeast = values.atLeast ?? recipe.atLeast;
  return {
    bits: {
      kernel: values.bits ?? recipe.bits.kernel,
      bias: values.biasBits ?? recipe.bits.bias,
    },
    layerBits: values.layerBits === undefined
      ? recipe.layerBits
      : parseLayerBits(values.layerBits),
    perChannel: values.perChannel || recipe.perChannel,
    powerOfTwo: values.steps === undefined
      ? recipe.powerOfTwo
      : values.steps === "powers",
    ...integers && {
      integers: { activationBits: activationBits ?? integers.activationBits },
    },
    ...(values.balanced || recipe.balanced) && { balanced: true },
    ratePenalty: values.ratePenalty ?? recipe.ratePenalty,
    damping: values.damping ?? recipe.damping,
    loss: changeLoss(recipe.loss, values),
    epochs: {
      float: values.epochs ?? recipe.epochs.float,
      quantised: values.quantisedEpochs ?? recipe.epochs.quantised,
    },
    rates: {
      float: values.learningRate ?? recipe.rates.float,
      quantised: values.quantisedLearningRate ?? recipe.rates.quantised,
    },
    examplesPerEpoch: values.examples ?? recipe.examplesPerEpoch ?? images,
    batchSize: values.batch ?? recipe.batchSize,
    averaging: values.averaging ?? recipe.averaging,
    ...atLeast !== undefined && { atLeast },
    seed: values.seed ?? recipe.seed,
  };
}

/** The usual pool of images of `dataset`: eight of each. */
export function usualPool(
  { augmentation, shape }: Pick<Dataset, "augmentation" | "shape">,
): PoolSpec {
  return { ...COMPACT_POOL, augmentation: AUGMENTATIONS[augmentation](shape) };
}

/** The pool of images of `dataset` that the options ask for, where they don't say `pool`. */
export function poolSpec(
  { copies, poolSeed: seed, augment, ...varied }: Partial<
    OptionValues<typeof POOL_OPTIONS>
  >,
  dataset: Pick<Dataset, "augmentation" | "shape">,
  pool = usualPool(dataset),
): PoolSpec {
  const usual = augment === undefined
    ? pool.augmentation
    : AUGMENTATIONS[augment](dataset.shape);
  return {
    augmentation: {
      ...usual,
      shift: varied.shift ?? usual.shift,
      scale: varied.scale ?? usual.scale,
      rotation: varied.rotation ?? usual.rotation,
      shear: varied.shear ?? usual.shear,
      elastic: varied.elastic === undefined ? usual.elastic : {
        amplitude: varied.elastic,
        deviation: ELASTIC_DEVIATION,
      },
    },
    copies: copies ?? pool.copies,
    seed: seed ?? pool.seed,
  };
}

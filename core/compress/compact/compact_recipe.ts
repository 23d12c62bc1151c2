import type { PoolSpec } from "../../distill/augmented_pool.ts";
import { isRecord, parseJsonObject } from "../../files/json.ts";
import { parseLoss } from "../../train/losses/losses.ts";
import {
  isBoolean,
  isInteger,
  MOST_EPOCHS,
  MOST_RATE,
  readPool,
  RecipeFields,
} from "../recipe_fields.ts";
import {
  COMPACT_CONFIGURATION,
  COMPACT_POOL,
  type CompactConfiguration,
  type WeightBits,
} from "./compact_configuration.ts";

/** All that decides what a compact model becomes, but the teacher and the data: plain data. */
export interface CompactRecipe {
  /** Its layers, as the text that `parseLayers` reads. */
  layers: string;
  /** How it is trained; with as many images an epoch as there are, unless it says. */
  configuration:
    & Omit<CompactConfiguration, "examplesPerEpoch">
    & Partial<Pick<CompactConfiguration, "examplesPerEpoch">>;
  /** The images that it learns from. */
  pool: PoolSpec;
}

const { examplesPerEpoch: _, ...USUAL } = COMPACT_CONFIGURATION;

/** A recipe that suits MNIST. */
export const COMPACT_RECIPE: CompactRecipe = {
  layers: "conv5x6/2,conv3x10,max2,conv3x10",
  configuration: USUAL,
  pool: COMPACT_POOL,
};

/** Whether `value` says bits of a kernel, a bias or both. */
function isBits(value: unknown): value is Partial<WeightBits> {
  return isRecord(value) &&
    Object.entries(value).every(([name, bits]) =>
      (name === "kernel" || name === "bias") && isInteger(bits, 1, 32)
    );
}

function areLayerBits(
  value: unknown,
): value is CompactConfiguration["layerBits"] {
  return isRecord(value) && Object.values(value).every(isBits);
}

function readIntegers(
  recipe: RecipeFields,
): Pick<CompactConfiguration, "integers"> {
  if (!recipe.has("integers")) return {};
  const integers = recipe.within("integers");
  const activationBits = integers.integer("activationBits", 8, 1, 8);
  integers.end();
  return { integers: { activationBits } };
}

/**
 * The recipe in `text`, JSON that errors call `source`: the `configuration` of a manifest
 * that `compact` wrote, or the same by itself. What it leaves out is as `usual` has it.
 *
 * Throws a `SyntaxError` where a field is none of a recipe's, or out of its bounds.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { COMPACT_RECIPE, parseCompactRecipe } from "./compact_recipe.ts";
 *
 * const { layers, configuration } = parseCompactRecipe('{ "damping": 0 }', "free.json");
 * assertEquals([layers, configuration.damping], [COMPACT_RECIPE.layers, 0]);
 * assertThrows(() => parseCompactRecipe('{ "damp": 0 }', "free.json"), SyntaxError, "found damp");
 * ```
 */
export function parseCompactRecipe(
  text: string,
  source: string,
  { layers, configuration: usual, pool }: CompactRecipe = COMPACT_RECIPE,
): CompactRecipe {
  const value = parseJsonObject(text, source);
  const recipe = new RecipeFields(value.configuration ?? value, "", source);
  const bits = recipe.within("bits");
  const epochs = recipe.within("epochs");
  const rates = recipe.within("rates");
  const readBits = (name: keyof WeightBits) =>
    bits.integer(name, usual.bits[name], 1, 32);
  const readEpochs = (name: keyof CompactConfiguration["epochs"]) =>
    epochs.integer(name, usual.epochs[name], 1, MOST_EPOCHS);
  const readRate = (name: keyof CompactConfiguration["rates"]) =>
    rates.number(name, usual.rates[name], 1e-9, MOST_RATE);
  const readFlag = (name: "perChannel" | "powerOfTwo" | "balanced") =>
    recipe.read(name, usual[name] ?? false, "true or false", isBoolean);
  const loss = recipe.read("loss", usual.loss, "a loss", isRecord);
  const read: CompactRecipe = {
    layers: recipe.read(
      "layers",
      layers,
      "the text of layers",
      (value): value is string => typeof value === "string",
    ),
    configuration: {
      bits: { kernel: readBits("kernel"), bias: readBits("bias") },
      layerBits: recipe.read(
        "layerBits",
        usual.layerBits,
        "kernel and bias from 1 to 32 by layer",
        areLayerBits,
      ),
      perChannel: readFlag("perChannel"),
      powerOfTwo: readFlag("powerOfTwo"),
      ...readIntegers(recipe),
      ...recipe.has("balanced") && { balanced: readFlag("balanced") },
      ratePenalty: recipe.number("ratePenalty", usual.ratePenalty, 0, 1e6),
      damping: recipe.number("damping", usual.damping, 0, 1e6),
      loss: parseLoss(JSON.stringify(loss), `${source}'s loss`),
      epochs: {
        float: readEpochs("float"),
        quantised: readEpochs("quantised"),
      },
      rates: { float: readRate("float"), quantised: readRate("quantised") },
      batchSize: recipe.integer("batchSize", usual.batchSize, 1, 60_000),
      averaging: recipe.read(
        "averaging",
        usual.averaging,
        "a number from 0, below 1",
        (value): value is number =>
          typeof value === "number" && value >= 0 && value < 1,
      ),
      seed: recipe.integer("seed", usual.seed, 0, Number.MAX_SAFE_INTEGER),
    },
    pool: readPool(recipe, pool),
  };
  if (recipe.has("atLeast")) {
    read.configuration.atLeast = recipe.number("atLeast", 1, 0, 1);
  }
  const examples = "examplesPerEpoch";
  if (recipe.has(examples)) {
    read.configuration.examplesPerEpoch = recipe.integer(examples, 1, 1, 1e9);
  }
  for (const each of [bits, epochs, rates, recipe]) each.end();
  return read;
}

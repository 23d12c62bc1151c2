import type { PoolSpec } from "../../distill/augmented_pool.ts";
import { isRecord, parseJsonObject } from "../../files/json.ts";
import { type LossSpec, parseLoss } from "../../train/losses/losses.ts";
import { COMPACT_POOL } from "../compact/compact_configuration.ts";
import {
  areIntegers,
  isBoolean,
  isInteger,
  isNumber,
  MOST_EPOCHS,
  MOST_RATE,
  readPool,
  RecipeFields,
} from "../recipe_fields.ts";
import {
  COMPRESSION_SETTING,
  type CompressionSetting,
  type WeightForm,
} from "./plan_stages.ts";
import type { KernelBits } from "./stage.ts";

/** All that decides what a model is compressed to, but the model and a seed: plain data. */
export interface CompressionRecipe extends CompressionSetting {
  /** What retraining learns by. */
  loss: LossSpec;
  /** The images that it learns from. */
  pool: PoolSpec;
}

/** What compresses MNIST's models well. */
export const COMPRESSION_RECIPE: CompressionRecipe = {
  ...COMPRESSION_SETTING,
  loss: { kind: "distillation", temperature: 4, alpha: 0.9 },
  pool: COMPACT_POOL,
};

function isWidths(value: unknown): value is Record<string, number> {
  return isRecord(value) &&
    Object.values(value).every((width) => isInteger(width, 1, 65_536));
}

function readForm(recipe: RecipeFields): WeightForm {
  const form = recipe.within("form");
  if (!recipe.has("form")) return COMPRESSION_SETTING.form;
  const kind = form.choice("kind", "share", ["share", "quantise"]);
  const read = (): WeightForm => {
    if (kind === "share") {
      const rule = "integers from 2 to 256";
      return {
        kind,
        entries: form.read("entries", 16, rule, areIntegers(2, 256)),
      };
    }
    const isBits = areIntegers(1, 8);
    return {
      kind,
      bits: form.read<KernelBits>(
        "bits",
        4,
        "integers from 1 to 8, or a budget of bytes",
        (value): value is KernelBits =>
          isBits(value) ||
          (isRecord(value) && Object.keys(value).join() === "budget" &&
            isInteger(value.budget, 1, Number.MAX_SAFE_INTEGER)),
      ),
      perChannel: form.read("perChannel", false, "true or false", isBoolean),
      powerOfTwo: form.read("powerOfTwo", true, "true or false", isBoolean),
      ratePenalty: form.number("ratePenalty", 0, 0, 1e6),
    };
  };
  const result = read();
  form.end();
  return result;
}

/**
 * The recipe in `text`, JSON that errors call `source`: the `configuration` of a
 * manifest that `compress` wrote, or the same by itself. What it leaves out is as
 * `usual` has it.
 *
 * Throws a `SyntaxError` where a field is none of a recipe's, or out of its bounds.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { COMPRESSION_RECIPE, parseRecipe } from "./recipe.ts";
 *
 * const recipe = parseRecipe('{ "sparsity": 0.5 }', "half.json");
 * assertEquals(recipe, { ...COMPRESSION_RECIPE, sparsity: 0.5 });
 * assertThrows(() => parseRecipe('{ "sparsety": 0.5 }', "half.json"), SyntaxError, "found sparsety");
 * ```
 */
export function parseRecipe(
  text: string,
  source: string,
  usual: CompressionRecipe = COMPRESSION_RECIPE,
): CompressionRecipe {
  const value = parseJsonObject(text, source);
  const recipe = new RecipeFields(value.configuration ?? value, "", source);
  const epochs = recipe.within("epochs");
  const rates = recipe.within("rates");
  const readEpochs = (name: keyof CompressionRecipe["epochs"]) =>
    epochs.integer(name, usual.epochs[name], 1, MOST_EPOCHS);
  const loss = recipe.read("loss", usual.loss, "a loss", isRecord);
  const read: CompressionRecipe = {
    widths: recipe.read(
      "widths",
      usual.widths,
      "integers from 1 to 65536 by layer",
      isWidths,
    ),
    importance: recipe.choice("importance", usual.importance, [
      "activation",
      "norm",
    ]),
    thinRounds: recipe.integer("thinRounds", usual.thinRounds, 1, 100),
    sparsity: recipe.read(
      "sparsity",
      usual.sparsity,
      "a number from 0, below 1",
      (value): value is number => isNumber(value) && value >= 0 && value < 1,
    ),
    scope: recipe.choice("scope", usual.scope, ["layer", "global", "lamp"]),
    pruneRounds: recipe.integer("pruneRounds", usual.pruneRounds, 1, 100),
    form: readForm(recipe),
    biasBits: recipe.integer("biasBits", usual.biasBits, 1, 8),
    epochs: {
      thin: readEpochs("thin"),
      prune: readEpochs("prune"),
      last: readEpochs("last"),
      form: readEpochs("form"),
    },
    rates: {
      float: rates.number("float", usual.rates.float, 1e-9, MOST_RATE),
      form: rates.number("form", usual.rates.form, 1e-9, MOST_RATE),
    },
    batchSize: recipe.integer("batchSize", usual.batchSize, 1, 60_000),
    loss: parseLoss(JSON.stringify(loss), `${source}'s loss`),
    pool: readPool(recipe, usual.pool),
  };
  const examples = "examplesPerEpoch";
  if (recipe.has(examples)) {
    read.examplesPerEpoch = recipe.integer(examples, 1, 1, 1e9);
  }
  for (const each of [epochs, rates, recipe]) each.end();
  return read;
}

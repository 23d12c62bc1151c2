import { checkAugmentation } from "../../data/augmentation.ts";
import type { PoolSpec } from "../../distill/augmented_pool.ts";
import { isRecord, parseJsonObject, quoteJson } from "../../files/json.ts";
import { cleanText } from "../../text/clean_text.ts";
import { type LossSpec, parseLoss } from "../../train/losses/losses.ts";
import { COMPACT_POOL } from "../compact/compact_configuration.ts";
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

/** An object of a recipe, whose fields are read one by one. */
class Fields {
  readonly #value: Record<string, unknown>;
  readonly #path: string;
  readonly #source: string;
  readonly #known = new Set<string>();

  constructor(value: unknown, path: string, source: string) {
    this.#path = path;
    this.#source = source;
    this.#value = isRecord(value)
      ? value
      : this.#refuse(path.slice(0, -1) || "it", "an object", value);
  }

  #refuse(name: string, rule: string, value: unknown): never {
    throw new SyntaxError(
      `Cannot use the recipe ${this.#source}: ${
        cleanText(name)
      } must be ${rule}: it is ${quoteJson(value)}`,
    );
  }

  #take(name: string): unknown {
    this.#known.add(name);
    return this.#value[name];
  }

  /** A field that `holds`, or `usual` where it isn't there. */
  read<Value>(
    name: string,
    usual: Value,
    rule: string,
    holds: (value: unknown) => value is Value,
  ): Value {
    const value = this.#take(name);
    if (value === undefined) return usual;
    return holds(value)
      ? value
      : this.#refuse(`${this.#path}${name}`, rule, value);
  }

  /** A number from `min`, and at most `max`. */
  number(name: string, usual: number, min: number, max: number): number {
    return this.read(
      name,
      usual,
      `a number from ${min} to ${max}`,
      (value): value is number =>
        isNumber(value) && value >= min && value <= max,
    );
  }

  /** An integer from `min`, and at most `max`. */
  integer(name: string, usual: number, min: number, max: number): number {
    return this.read(
      name,
      usual,
      `an integer from ${min} to ${max}`,
      (value): value is number => isInteger(value, min, max),
    );
  }

  choice<Choice extends string>(
    name: string,
    usual: Choice,
    choices: readonly Choice[],
  ): Choice {
    return this.read(
      name,
      usual,
      choices.join(" or "),
      (value): value is Choice => choices.some((choice) => choice === value),
    );
  }

  /** The object in a field; one without fields where it isn't there. */
  within(name: string): Fields {
    const value = this.#take(name) ?? {};
    return new Fields(value, `${this.#path}${name}.`, this.#source);
  }

  /** Whether a field is there. */
  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  /** Throws a `SyntaxError` where there is a field that was not read. */
  end(): void {
    const other = Object.keys(this.#value).find((name) =>
      !this.#known.has(name)
    );
    if (other === undefined) return;
    throw new SyntaxError(
      `Cannot use the recipe ${this.#source}: its fields are ${
        [...this.#known].map((name) => `${this.#path}${name}`).join(", ")
      }: found ${cleanText(`${this.#path}${other}`)}`,
    );
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= min &&
    value <= max;
}

/** Integers from `min`, and at most `max`: one for all kernels, or one for each. */
function areIntegers(min: number, max: number) {
  return (value: unknown): value is number | number[] =>
    Array.isArray(value)
      ? value.length > 0 && value.every((each) => isInteger(each, min, max))
      : isInteger(value, min, max);
}

function isWidths(value: unknown): value is Record<string, number> {
  return isRecord(value) &&
    Object.values(value).every((width) => isInteger(width, 1, 65_536));
}

function readForm(recipe: Fields): WeightForm {
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

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function readPool(
  recipe: Fields,
  { augmentation: usual, copies, seed }: PoolSpec,
): PoolSpec {
  const pool = recipe.within("pool");
  const varied = pool.within("augmentation");
  const elastic = varied.within("elastic");
  const { flip: usualFlip = false, border: usualBorder = "zero" } = usual;
  const flip = varied.read("flip", usualFlip, "true or false", isBoolean);
  const border = varied.choice("border", usualBorder, ["edge", "zero"]);
  const read: PoolSpec = {
    augmentation: {
      ...(flip && { flip }),
      ...(border === "edge" && { border }),
      shift: varied.number("shift", usual.shift, 0, 64),
      scale: varied.number("scale", usual.scale, 0, 0.9),
      rotation: varied.number("rotation", usual.rotation, 0, 180),
      shear: varied.number("shear", usual.shear, 0, 2),
      elastic: {
        amplitude: elastic.number(
          "amplitude",
          usual.elastic.amplitude,
          0,
          1000,
        ),
        deviation: elastic.number("deviation", usual.elastic.deviation, 0, 32),
      },
    },
    copies: pool.integer("copies", copies, 1, 1000),
    seed: pool.integer("seed", seed, 0, Number.MAX_SAFE_INTEGER),
  };
  for (const each of [elastic, varied, pool]) each.end();
  checkAugmentation(read.augmentation);
  return read;
}

/** Epochs, and learning rates, at the most. */
const MOST_EPOCHS = 10_000;
const MOST_RATE = 100;

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
  const recipe = new Fields(value.configuration ?? value, "", source);
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

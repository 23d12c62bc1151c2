import { checkAugmentation } from "../data/augmentation.ts";
import type { PoolSpec } from "../distill/augmented_pool.ts";
import { isRecord, quoteJson } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";

/** Epochs, and learning rates, that a recipe may say at the most. */
export const MOST_EPOCHS = 10_000;
export const MOST_RATE = 100;

/** An object of a recipe, whose fields are read one by one. */
export class RecipeFields {
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
  within(name: string): RecipeFields {
    const value = this.#take(name) ?? {};
    return new RecipeFields(value, `${this.#path}${name}.`, this.#source);
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

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export function isInteger(
  value: unknown,
  min: number,
  max: number,
): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= min &&
    value <= max;
}

/** Integers from `min`, and at most `max`: one for all kernels, or one for each. */
export function areIntegers(min: number, max: number) {
  return (value: unknown): value is number | number[] =>
    Array.isArray(value)
      ? value.length > 0 && value.every((each) => isInteger(each, min, max))
      : isInteger(value, min, max);
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** The pool that `recipe` says, and where it doesn't the usual one. */
export function readPool(
  recipe: RecipeFields,
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

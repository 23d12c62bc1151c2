import { checkDropoutRate, dropoutThreshold } from "../random/dropout_mask.ts";
import type * as tf from "../tf.ts";

/**
 * The input called `name`. Throws a `TypeError` where it is missing or has
 * another type of numbers: a kernel would take their bits for what they are
 * not.
 */
export function readInput(
  inputs: tf.NamedTensorInfoMap,
  name: string,
  dtype: "float32" | "int32" = "float32",
): tf.TensorInfo {
  const input = inputs[name];
  if (input?.dtype === dtype) return input;
  throw new TypeError(
    `Cannot run a kernel: its input \`${name}\` must hold ${dtype}: current value is ${
      input?.dtype ?? "none"
    }`,
  );
}

/**
 * Throws a `RangeError` unless `input` has `shape`: a kernel would read and
 * write beside it.
 */
export function checkInputShape(
  name: string,
  input: tf.TensorInfo,
  shape: number[],
): void {
  if (input.shape.join() === shape.join()) return;
  throw new RangeError(
    `Cannot run a kernel: its input \`${name}\` must have shape [${
      shape.join(", ")
    }]: current value is [${input.shape.join(", ")}]`,
  );
}

function refuse(name: string, rule: string, value: unknown): never {
  throw new TypeError(
    `Cannot run a kernel: its attribute \`${name}\` must be ${rule}: current value is ${
      JSON.stringify(value)
    }`,
  );
}

/** The attribute called `name`, a number. */
export function readNumber(
  attributes: tf.NamedAttrMap | undefined,
  name: string,
): number {
  const value = attributes?.[name];
  return typeof value === "number" ? value : refuse(name, "a number", value);
}

/** The attribute called `name`, true or false. */
export function readBoolean(
  attributes: tf.NamedAttrMap | undefined,
  name: string,
): boolean {
  const value = attributes?.[name];
  return typeof value === "boolean" ? value : refuse(name, "a boolean", value);
}

/** The attribute called `name`, `count` non-negative integers. */
export function readIntegers(
  attributes: tf.NamedAttrMap | undefined,
  name: string,
  count: number,
): number[] {
  const value = attributes?.[name];
  const numbers: number[] = [];
  if (Array.isArray(value) && value.length === count) {
    for (const entry of value) {
      if (Number.isSafeInteger(entry) && Number(entry) >= 0) {
        numbers.push(Number(entry));
      }
    }
  }
  if (numbers.length === count) return numbers;
  return refuse(name, `${count} non-negative integers`, value);
}

/** What a kernel's function that draws a mask takes, in its order. */
export type DropoutArguments = [
  threshold: number,
  scale: number,
  key0: number,
  key1: number,
  first: number,
];

/**
 * The attributes `rate`, `key` and `first` as a kernel's function takes them.
 */
export function readDropout(
  attributes: tf.NamedAttrMap | undefined,
): DropoutArguments {
  const rate = readNumber(attributes, "rate");
  checkDropoutRate(rate);
  const [key0, key1] = readIntegers(attributes, "key", 2);
  const first = readNumber(attributes, "first");
  if (!(Number.isSafeInteger(first) && first >= 0)) {
    refuse("first", "a non-negative integer", first);
  }
  return [dropoutThreshold(rate), 1 / (1 - rate), key0, key1, first];
}

/**
 * The attribute `dropout`, if it drops anything, as a kernel's function takes
 * it.
 */
export function readOptionalDropout(
  attributes: tf.NamedAttrMap | undefined,
): DropoutArguments | undefined {
  const value = attributes?.dropout;
  if (value === undefined || value === null) return undefined;
  if (!isAttributes(value)) return refuse("dropout", "an object", value);
  return value.rate === 0 ? undefined : readDropout(value);
}

function isAttributes(value: unknown): value is tf.NamedAttrMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

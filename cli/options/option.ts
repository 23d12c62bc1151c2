import { UsageError } from "../terminal/errors.ts";

interface Described {
  /** What it does, for --help. */
  help: string;
  /** What --help calls its value; the kind's usual name unless given. */
  placeholder?: string;
  /** What holds without it, for --help, where that is no `default`. */
  usual?: string;
}

interface Bounds {
  /** Smallest value taken. */
  min?: number;
  /** Largest value taken. */
  max?: number;
  /** Every value must be larger. */
  above?: number;
  /** Every value must be smaller. */
  below?: number;
}

/** What a path must lead to. */
export type PathKind = "file" | "folder" | "file or folder";

/** A flag that is there or not. */
export interface BooleanOption extends Described {
  kind: "boolean";
}

/** Any text. */
export interface StringOption extends Described {
  kind: "string";
  default?: string;
}

/** A file or a folder, relative to where the user stands. */
export interface PathOption extends Described {
  kind: "path";
  /** Relative to the root, wherever the user stands. */
  default?: string;
  /** What must be there, to be read. */
  reads?: PathKind;
  /** Words that mean something else than a path. */
  names?: readonly string[];
  /** What may be there, to be replaced or added to. */
  writes?: PathKind;
}

/** A number within bounds. */
export interface NumberOption extends Described, Bounds {
  kind: "integer" | "number";
  default?: number;
}

/** Numbers within bounds, separated by commas. */
export interface NumbersOption extends Described, Bounds {
  kind: "integers" | "numbers";
  default?: readonly number[];
}

/** One of a few words. */
export interface ChoiceOption extends Described {
  kind: "choice";
  choices: readonly string[];
  default?: string;
}

/** Some of a few words, separated by commas. */
export interface ChoicesOption extends Described {
  kind: "choices";
  choices: readonly string[];
  default?: readonly string[];
}

/** What one option takes, as plain data. */
export type Option =
  | BooleanOption
  | StringOption
  | PathOption
  | NumberOption
  | NumbersOption
  | ChoiceOption
  | ChoicesOption;

/** A command's options by name in camel case: `retryFailed` is `--retry-failed`. */
export type OptionTable = Readonly<Record<string, Option>>;

type Given<O> = O extends { kind: "boolean" } ? boolean
  : O extends { kind: "integer" | "number" } ? number
  : O extends { kind: "integers" | "numbers" } ? number[]
  : O extends { kind: "choice"; choices: readonly (infer Word)[] } ? Word
  : O extends { kind: "choices"; choices: readonly (infer Word)[] } ? Word[]
  : string;

type Always = { kind: "boolean" } | { default: unknown } | { required: true };

/** What the options of a table come to: a value each, or `undefined` where one has no default. */
export type OptionValues<Table> = {
  -readonly [Name in keyof Table]: Table[Name] extends Always
    ? Given<Table[Name]>
    : Given<Table[Name]> | undefined;
};

/** The flag of an option: `--retry-failed` of `retryFailed`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Whether an option's value is several, separated by commas. */
function takesMany(
  option: Option,
): option is NumbersOption | ChoicesOption {
  return option.kind === "integers" || option.kind === "numbers" ||
    option.kind === "choices";
}

function rangeOf({ min, max, above, below }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const parts = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? ` ${parts.join(" and ")}` : "";
}

/** What a value of `option` must be: "an integer from 1 to 65536". */
export function ruleOf(option: Option): string {
  switch (option.kind) {
    case "boolean":
      return "given without a value";
    case "string":
    case "path":
      return "text";
    case "integer":
    case "integers":
      return `an integer${rangeOf(option)}`;
    case "number":
    case "numbers":
      return `a number${rangeOf(option)}`;
    case "choice":
    case "choices":
      return option.choices.length > 1
        ? `one of ${option.choices.join(", ")}`
        : option.choices.join();
  }
}

function acceptsOne(option: Option, value: unknown): boolean {
  switch (option.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "string":
    case "path":
      return typeof value === "string" && value !== "";
    case "choice":
    case "choices":
      return typeof value === "string" && option.choices.includes(value);
    default: {
      const { min = -Infinity, max = Infinity } = option;
      const { above = -Infinity, below = Infinity } = option;
      const whole = option.kind === "integer" || option.kind === "integers";
      return typeof value === "number" && Number.isFinite(value) &&
        (!whole || Number.isSafeInteger(value)) &&
        value >= min && value <= max && value > above && value < below;
    }
  }
}

/** Whether `value` is of the kind, and within the bounds, that `option` takes. */
export function accepts(option: Option, value: unknown): boolean {
  if (!takesMany(option)) return acceptsOne(option, value);
  return Array.isArray(value) && value.length > 0 &&
    value.every((each) => acceptsOne(option, each));
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function convertOne(option: Option, text: string): unknown {
  switch (option.kind) {
    case "integer":
    case "integers":
    case "number":
    case "numbers":
      return NUMBER.test(text) ? Number(text) : text;
    default:
      return text;
  }
}

/**
 * The value that `text` gives to `option`, which errors call `name`.
 *
 * Throws a `UsageError` where it is of the wrong kind or out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readValue } from "./option.ts";
 *
 * const hidden = { kind: "integers", min: 1, help: "widths" } as const;
 * assertEquals(readValue("--hidden", hidden, "1,2,4"), [1, 2, 4]);
 * ```
 */
export function readValue(name: string, option: Option, text: string): unknown {
  const value = takesMany(option)
    ? text.split(",").map((part) => convertOne(option, part.trim()))
    : convertOne(option, text);
  if (accepts(option, value)) return value;
  const subject = takesMany(option) ? "each value" : "it";
  throw new UsageError(
    `Cannot use ${name} ${text}: ${subject} must be ${ruleOf(option)}`,
  );
}

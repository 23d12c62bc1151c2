import { parseArgs } from "@std/cli/parse-args";
import { COMMON_OPTIONS, type CommonValues } from "./common_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { nearestOf } from "../terminal/nearest.ts";
import { ownPath } from "./own_path.ts";
import {
  accepts,
  flagOf,
  type Option,
  type OptionTable,
  type OptionValues,
  readValue,
} from "./option.ts";

/** What a command takes beside flags, in this order; all required ones first. */
export type PositionalTable = Readonly<
  Record<
    string,
    Extract<Option, { kind: "string" | "path" | "choice" }> & {
      required?: true;
    }
  >
>;

// deno-std's npm package carries no types.
const split: (
  args: string[],
  options: {
    string: string[];
    boolean: string[];
    collect: string[];
    unknown: (arg: string, key?: string) => boolean;
  },
) => Record<string, unknown> & { _: string[] } = parseArgs;

/** The flag's own part of an argument: `--hidden` of `--hidden=6`. */
function flagPart(arg: string): string {
  return arg.split("=", 1)[0];
}

/**
 * Makes `args` unambiguous for the splitter, which would read the `-1` of
 * `--rate -1` as a flag and the `true` of `--json true` as a value.
 */
function normalise(args: readonly string[], table: OptionTable): string[] {
  const kinds = new Map(
    Object.entries(table).map(([name, { kind }]) => [flagOf(name), kind]),
  );
  const normal: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] === "-h" ? "--help" : args[index];
    const next = args[index + 1];
    if (arg === "--") return [...normal, ...args.slice(index)];
    const kind = kinds.get(flagPart(arg));
    if (kind === "boolean") {
      if (arg.includes("=") || next === "true" || next === "false") {
        const flag = flagPart(arg);
        throw new UsageError(
          `Cannot use ${flag} with a value: it must be given alone, or left out`,
        );
      }
      normal.push(arg);
    } else if (kind && !arg.includes("=") && /^-[\d.]/.test(next ?? "")) {
      normal.push(`${arg}=${next}`);
      index++;
    } else {
      normal.push(arg);
    }
  }
  return normal;
}

/** The texts given to each flag, and what stands beside flags. */
function splitArguments(
  args: readonly string[],
  table: OptionTable,
  moved: Readonly<Record<string, string>>,
): { given: Record<string, unknown>; positional: string[] } {
  const keys = (boolean: boolean) =>
    Object.entries(table)
      .filter(([, { kind }]) => (kind === "boolean") === boolean)
      .map(([name]) => flagOf(name).slice(2));
  const { _: positional, ...given } = split(normalise(args, table), {
    string: [...keys(false), "_"],
    boolean: keys(true),
    collect: [...keys(false), ...keys(true)],
    unknown: (arg, key) => {
      if (key === undefined) return true;
      const flag = flagPart(arg);
      const old = Object.keys(moved).find((name) => flagOf(name) === flag);
      if (old !== undefined) {
        throw new UsageError(`Cannot use ${flag} any more: ${moved[old]}`);
      }
      const nearest = nearestOf(flag, Object.keys(table).map(flagOf));
      throw new UsageError(
        `Cannot use ${flag}: there is no such option; the nearest is ${nearest}`,
      );
    },
  });
  return { given, positional };
}

/** The value of one option, from everything that was given under its flag. */
function readOption(name: string, option: Option, given: unknown): unknown {
  const flag = flagOf(name);
  const texts: unknown[] = Array.isArray(given) ? given : [];
  if (texts.length > 1) {
    throw new UsageError(
      `Cannot use ${flag} ${texts.length} times: it must be given once`,
    );
  }
  if (option.kind === "boolean") return texts.length === 1;
  if (texts.length === 0) {
    const { kind, default: usual } = option;
    if (kind === "path" && usual !== undefined) return ownPath(usual);
    return Array.isArray(usual) ? [...usual] : usual;
  }
  const [text] = texts;
  if (typeof text !== "string" || text === "") {
    throw new UsageError(`Cannot use ${flag}: it needs a value after it`);
  }
  return readValue(flag, option, text);
}

function readPositional(
  words: readonly string[],
  table: PositionalTable,
): Record<string, unknown> {
  const names = Object.keys(table);
  if (words.length > names.length) {
    const rule = names.length === 0
      ? "this command takes only options"
      : `this command takes ${names.length} beside its options`;
    throw new UsageError(
      `Cannot use argument ${words[names.length]}: ${rule}`,
    );
  }
  return Object.fromEntries(names.map((name, index) => {
    const option = table[name];
    const word = words[index];
    if (word !== undefined) return [name, readValue(name, option, word)];
    if (option.required) {
      throw new UsageError(`Cannot run without ${name}: ${option.help}`);
    }
    return [name, option.default];
  }));
}

/** Whether `values` has, for every entry of `table`, a value that it takes. */
function hasValues<Table extends OptionTable>(
  values: Record<string, unknown>,
  table: Table | undefined,
): values is OptionValues<Table> {
  return Object.entries(table ?? {}).every(([name, option]) =>
    values[name] === undefined || accepts(option, values[name])
  );
}

/**
 * Reads a command line strictly: every flag must be in `options` or common to all
 * commands, and given once, with a value of its kind and within its bounds;
 * nothing else may stand there but what `positional` names. Everything after
 * `--` is positional. `moved` says of options of earlier versions what to do instead.
 *
 * Throws a `UsageError` that names the argument and the rule, and a `TypeError`
 * where a default breaks its own option's rule.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { UsageError } from "../terminal/errors.ts";
 * import { parseOptions } from "./parse_options.ts";
 *
 * const options = { hidden: { kind: "integer", min: 1, default: 6, help: "units" } } as const;
 * assertEquals(parseOptions(["--hidden", "8"], options).hidden, 8);
 * assertThrows(() => parseOptions(["--hiden", "8"], options), UsageError, "--hidden");
 * ```
 */
export function parseOptions<
  const Options extends OptionTable,
  const Positional extends PositionalTable = Record<never, never>,
>(
  args: readonly string[],
  options: Options,
  positional?: Positional,
  moved: Readonly<Record<string, string>> = {},
): OptionValues<Options> & OptionValues<Positional> & CommonValues {
  const table: OptionTable = { ...options, ...COMMON_OPTIONS };
  const { given, positional: words } = splitArguments(args, table, moved);
  const values = readPositional(words, positional ?? {});
  for (const [name, option] of Object.entries(table)) {
    values[name] = readOption(name, option, given[flagOf(name).slice(2)]);
  }
  if (
    hasValues(values, options) && hasValues(values, positional) &&
    hasValues(values, COMMON_OPTIONS)
  ) {
    return values;
  }
  throw new TypeError(
    "Cannot parse options: every default must be a value that its option takes",
  );
}

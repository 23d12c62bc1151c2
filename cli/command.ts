import { checkPaths } from "./options/check_paths.ts";
import type { CommonValues } from "./options/common_options.ts";
import { helpText } from "./terminal/help_text.ts";
import type { OptionTable, OptionValues } from "./options/option.ts";
import type { Output } from "./terminal/output.ts";
import { parseOptions, type PositionalTable } from "./options/parse_options.ts";
import type { Progress } from "./terminal/progress.ts";

/** What a running command has to do with the outside. */
export interface Io extends Omit<Output, "beforeWriting"> {
  /** Aborted by the first Ctrl-C, with an `InterruptedError` to throw after saving. */
  signal: AbortSignal;
  /** Starts telling progress on standard error, until disposed (`using`). */
  progress(label: string): Progress;
}

/** One command, as its file writes it. */
export interface CommandSpec<
  Options extends OptionTable,
  Positional extends PositionalTable,
> {
  name: string;
  /** What it does, in some lines, for its --help. */
  about: string;
  /** Command lines to copy, after `deno task`. */
  examples: readonly string[];
  /** Its own options, beside the common ones. */
  options: Options;
  /** What it takes beside flags. */
  positional?: Positional;
  /** Where what options of earlier versions said is said now, by their names. */
  moved?: Readonly<Record<string, string>>;
  /** Whether the first Ctrl-C lets it save; it must heed `io.signal` then. */
  savesOnInterrupt?: boolean;
  run(
    values:
      & OptionValues<Options>
      & OptionValues<Positional>
      & CommonValues,
    io: Io,
  ): Promise<void>;
}

/** A command with its line read: ready to run. */
export interface Invocation {
  common: CommonValues;
  run(io: Io): Promise<void>;
}

/** One command, as the command line sees it. */
export interface Command {
  name: string;
  /** What --help prints. */
  help: string;
  savesOnInterrupt: boolean;
  /** Reads the arguments after the command's name; throws a `UsageError`. */
  prepare(args: readonly string[]): Invocation;
}

/**
 * Makes a command of its specification; `run` gets the values typed by the
 * option tables.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defineCommand } from "./command.ts";
 *
 * const command = defineCommand({
 *   name: "greet",
 *   about: "Greets.",
 *   examples: ["greet --times 2"],
 *   options: { times: { kind: "integer", min: 1, default: 1, help: "how often" } },
 *   async run({ times, seed }, io) {
 *     await Promise.resolve();
 *     io.print("hello ".repeat(times) + seed);
 *   },
 * });
 * assertEquals(command.prepare(["--seed", "7"]).common.seed, 7);
 * ```
 */
export function defineCommand<
  const Options extends OptionTable,
  const Positional extends PositionalTable = Record<never, never>,
>(spec: CommandSpec<Options, Positional>): Command {
  const { name, savesOnInterrupt = false } = spec;
  return {
    name,
    help: helpText(spec),
    savesOnInterrupt,
    prepare(args) {
      const values = parseOptions(
        args,
        spec.options,
        spec.positional,
        spec.moved,
      );
      const table = { ...spec.options, ...spec.positional };
      return {
        common: values,
        async run(io) {
          await checkPaths(values, table);
          await spec.run(values, io);
        },
      };
    },
  };
}

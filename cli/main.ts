import { explainDeviceFailure } from "../core/device/health.ts";
import { cleanText } from "../core/text/clean_text.ts";
import { waitForThreads } from "../core/workers/wait_for_threads.ts";
import type { Io } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { describeError } from "./terminal/describe_error.ts";
import { EXIT, exitCodeOf, UsageError } from "./terminal/errors.ts";
import { alignColumns } from "./terminal/help_text.ts";
import { watchInterrupts } from "./terminal/interrupt.ts";
import { nearestOf } from "./terminal/nearest.ts";
import { standWithUser } from "./options/own_path.ts";
import { makeOutput, type Streams, writeNote } from "./terminal/output.ts";
import { startProgress } from "./terminal/progress.ts";

/** Commands by name. */
type CommandMap = Readonly<Record<string, CommandEntry>>;

function listCommands(commands: CommandMap): string {
  const rows = Object.entries(commands).map(([name, { summary }]) =>
    [name, summary] as const
  );
  return [
    "Retort distils a trained network into one small enough to ship.",
    "",
    "Usage: deno task <command> [options]",
    "Where there is no Deno: npx --yes deno task <command> [options]",
    "",
    ...alignColumns(rows),
    "",
    "Every command explains itself: deno task <command> --help",
    "Paths are from where you type it; what Retort calls models, studies, trained",
    "and web lies in its own folder.",
  ].join("\n");
}

/** Whether `args` ask for help before any `--`. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

async function findCommand(name: string | undefined, commands: CommandMap) {
  const names = Object.keys(commands);
  if (name === undefined) {
    throw new UsageError(
      `Cannot run without a command: name one of ${names.join(", ")}`,
    );
  }
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(
      `Cannot run ${name}: there is no such command; the nearest is ${
        nearestOf(name, names)
      }`,
    );
  }
  return (await commands[name].load()).command;
}

async function runCommand(
  args: readonly string[],
  streams: Streams,
  commands: CommandMap,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") {
    makeOutput(streams, false).print(listCommands(commands));
    return EXIT.done;
  }
  const command = await findCommand(name, commands);
  if (asksForHelp(rest)) {
    makeOutput(streams, false).print(command.help);
    return EXIT.done;
  }
  const { common, run } = command.prepare(rest);
  const output = makeOutput(streams, common.json);
  using interrupts = watchInterrupts({
    saves: command.savesOnInterrupt,
    note: output.note,
  });
  const { signal } = interrupts;
  const io: Io = {
    ...output,
    signal,
    progress: (label) =>
      startProgress(label, { stderr: streams.stderr, output }),
  };
  await run(io);
  signal.throwIfAborted();
  return EXIT.done;
}

/** Where `error` came from, further in than the lines that are ours. */
function showOrigin(error: unknown): string {
  return Deno.inspect(error, { colors: false }).split("\n", 200)
    .map((line) => `  ${cleanText(line, { length: 500 })}`).join("\n");
}

/** One line on standard error; where the error came from under --verbose. */
function reportError(
  error: unknown,
  { stderr }: Streams,
  verbose: boolean,
): number {
  const code = exitCodeOf(error);
  if (code === EXIT.done || code === EXIT.interrupted) return code;
  writeNote(stderr, `retort: ${describeError(error)}`);
  if (verbose) writeNote(stderr, showOrigin(error));
  return code;
}

/** What a command line runs on; the process's own streams and commands unless given. */
export interface Surroundings extends Partial<Streams> {
  commands?: CommandMap;
}

/**
 * Runs a command line, without the program's own name, and returns the exit
 * code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
 */
export async function main(
  args: readonly string[],
  {
    stdout = Deno.stdout,
    stderr = Deno.stderr,
    commands = COMMANDS,
  }: Surroundings = {},
): Promise<number> {
  const streams = { stdout, stderr };
  try {
    return await runCommand(args, streams, commands);
  } catch (error) {
    return reportError(
      await explainDeviceFailure(error),
      streams,
      args.includes("--verbose"),
    );
  }
}

/** Runs a command line as the process, which ends with it. */
export async function runCommandLine(
  args: readonly string[],
  commands?: CommandMap,
): Promise<never> {
  // Libraries log to standard output, which belongs to results.
  console.log = console.info = console.debug = console.error;
  const fail = (event: Event, error: unknown) => {
    event.preventDefault();
    Deno.exit(reportError(error, Deno, args.includes("--verbose")));
  };
  standWithUser();
  addEventListener("error", (event) => fail(event, event.error));
  addEventListener("unhandledrejection", (event) => fail(event, event.reason));
  const code = await main(args, { commands });
  // What workers used of a GPU's driver must be let go of first.
  await waitForThreads();
  Deno.exit(code);
}

if (import.meta.main) await runCommandLine(Deno.args);

import { fileURLToPath } from "node:url";
import type { CommandEntry } from "../../cli/commands.ts";
import { main } from "../../cli/main.ts";
import type { Stream } from "../../cli/terminal/output.ts";

/** What a command line has come to. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A stream that keeps what is written to it. */
export interface Collector extends Stream {
  text(): string;
}

/** Makes a stream in memory, which says it is a terminal or not. */
export function collect(terminal = false): Collector {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  return {
    writeSync(bytes) {
      chunks.push(bytes.slice());
      return bytes.length;
    },
    isTerminal: () => terminal,
    text: () => chunks.map((chunk) => new TextDecoder().decode(chunk)).join(""),
  };
}

/** Runs a command line in this process. */
export async function runInProcess(
  args: readonly string[],
  commands?: Readonly<Record<string, CommandEntry>>,
): Promise<Outcome> {
  const [stdout, stderr] = [collect(), collect()];
  const code = await main(args, { stdout, stderr, commands });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The arguments that make Deno run `program`, a file beside this one. */
export function denoArguments(program: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  return ["run", "--no-check", "-A", path, ...args];
}

/** Runs a command line in a process of its own; `program` is a file beside this one. */
export async function runProcess(
  args: readonly string[],
  { program = "../../cli/main.ts", env = {}, cwd }: {
    program?: string;
    env?: Record<string, string>;
    cwd?: URL | string;
  } = {},
): Promise<Outcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args: denoArguments(program, args),
    // What the tests' own task has set is no word of this command's user.
    env: { INIT_CWD: "", npm_lifecycle_event: "npx", ...env },
    cwd,
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

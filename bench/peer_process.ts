import { peakMemory } from "./peak_memory.ts";
import { readLines } from "./read_lines.ts";
import type { System } from "./system.ts";
import type { Answer, Hello, Task } from "./task.ts";

/** The longest that an answer may take, in ms: stock tfjs takes 14 s for a step. */
const ANSWER_MS = 180_000;
/** How long it may take to end, in ms, before it is made to. */
const STOP_MS = 3000;

/** A system in a process of its own, which waits for work. */
export interface Peer extends AsyncDisposable {
  system: System;
  version: string;
  /** The WebGPU adapter's or GPU's name, if it tells. */
  adapter: string | null;
  /** Whose matrix products it runs, where they aren't its own. */
  blas?: string;
  /** Threads that it computes on, where it tells. */
  threads?: number;
  /** Does `task` once; how long a step of it took, in ms. */
  run(task: Task): Promise<number>;
  /** The most resident memory that it has had at once, in bytes. */
  peakBytes(): Promise<number | null>;
}

/**
 * Reads what a process says of its troubles to its end, and keeps the last line
 * that is an error, without the places in code that Deno and Python print around it.
 */
async function keepTrouble(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  keep: (line: string) => void,
): Promise<void> {
  for await (const line of readLines(stream)) {
    if (/^(\w*error|\w*exception)\b/i.test(line)) keep(line.trim());
  }
}

/**
 * Starts the program of `system` and waits until it says that it can compute.
 *
 * Throws an `Error` with the reason where it can't: the program is missing, or
 * ends, or says so itself.
 */
export async function startPeer(system: System): Promise<Peer> {
  const { command, args, environment } = system;
  const child = new Deno.Command(command, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    clearEnv: environment !== undefined,
    env: {
      ...environment,
      NO_COLOR: "1",
      // Mesa complains on standard error without it.
      XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? "/tmp",
    },
  }).spawn();
  let trouble = "it says no reason";
  const listening = keepTrouble(child.stderr, (line) => trouble = line);
  const lines = readLines(child.stdout);
  const requests = child.stdin.getWriter();

  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch { /* It has ended by itself. */ }
  };
  const stop = async () => {
    // It ends by itself where it waits for work, and leaves nothing behind.
    const timer = setTimeout(kill, STOP_MS);
    await requests.close().catch(() => {});
    await lines.return(undefined);
    await Promise.all([child.status, listening]);
    clearTimeout(timer);
  };
  const read = async <Line>(): Promise<Line> => {
    const timer = setTimeout(() => {
      trouble = `it gave no answer in ${ANSWER_MS / 1000} s`;
      kill();
    }, ANSWER_MS);
    try {
      const { value, done } = await lines.next();
      if (!done) return JSON.parse(value);
      await listening;
      throw new Error(`its process ended: ${trouble}`);
    } finally {
      clearTimeout(timer);
    }
  };

  try {
    const hello = await read<Hello>();
    if ("error" in hello) throw new Error(hello.error);
    return {
      system,
      ...hello,
      async run(task) {
        const line = `${JSON.stringify(task)}\n`;
        await requests.write(new TextEncoder().encode(line));
        const answer = await read<Answer>();
        if ("error" in answer) throw new Error(answer.error);
        return answer.milliseconds;
      },
      peakBytes: () => peakMemory(child.pid),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

import process from "node:process";
import { readLines } from "../read_lines.ts";
import type { Answer, Hello, Task } from "../task.ts";
import type { ImageShape } from "../../core/data/dataset.ts";

/** Does a task once and returns how long a step of it took, in ms. */
export type TimedRun = () => Promise<number>;

/** What a peer program has to tell. */
export interface PeerWork {
  /** Makes the system ready, and says what it is. */
  start(): Promise<Exclude<Hello, { error: string }>>;
  /** Makes a task ready. */
  prepare(task: Task): Promise<TimedRun>;
}

/** How long `work` takes, in ms. */
export async function timeOnce(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The processor's time that `work` takes, on all threads, in ms: what it costs of one core. */
export async function timeProcessor(
  work: () => Promise<unknown> | void,
): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Time that {@linkcode timeMany} repeats work for, in ms. */
const REPEAT_MS = 20;

/** How long `work` takes, in ms: the mean of as many times as fill some time. */
export async function timeMany(
  work: (time: number) => Promise<unknown> | unknown,
): Promise<number> {
  const start = performance.now();
  for (let count = 0;;) {
    await work(count++);
    const spent = performance.now() - start;
    if (spent >= REPEAT_MS) return spent / count;
  }
}

/**
 * Batches of `batch` of `images`, whose bytes lie one image behind the other: each
 * begins with the next image, and goes on with the first behind the last.
 */
export function repeatImages(
  images: readonly number[],
  shape: ImageShape,
  batch: number,
): number[][] {
  const size = shape.reduce((a, b) => a * b);
  return Array.from(
    { length: images.length / size },
    (_, first) =>
      Array.from(
        { length: batch * size },
        (_, index) => images[(first * size + index) % images.length],
      ),
  );
}

function say(line: Hello | Answer): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let start = 0; start < bytes.length;) {
    start += Deno.stdout.writeSync(bytes.subarray(start));
  }
}

/** A reason in one line is at most so many characters. */
const MOST_CHARACTERS = 300;

/** What `error` says, or its beginning, in one line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim().slice(0, MOST_CHARACTERS);
}

/**
 * Makes this process a peer of the benchmark: says hello on standard output, then
 * does each task that it reads on standard input, a line each, until there are no
 * more: prepares it when it comes for the first time, and answers how long it took.
 */
export async function servePeer({ start, prepare }: PeerWork): Promise<never> {
  // Libraries log to standard output, which belongs to answers.
  console.log = console.info = console.debug = console.error;
  try {
    say(await start());
  } catch (error) {
    say({ error: reasonOf(error) });
    Deno.exit(0);
  }
  const prepared = new Map<string, TimedRun>();
  for await (const line of readLines(Deno.stdin.readable)) {
    try {
      const task: Task = JSON.parse(line);
      const run = prepared.get(line) ?? await prepare(task);
      prepared.set(line, run);
      say({ milliseconds: await run() });
    } catch (error) {
      say({ error: reasonOf(error) });
    }
  }
  Deno.exit(0);
}

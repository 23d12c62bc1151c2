import { parseJsonObject } from "../core/files/json.ts";
import type { BackendChoice } from "../core/device/select_backend.ts";
import { peakMemory } from "./peak_memory.ts";

/** A whole sweep, as a process of its own came to it. */
export interface SweepRun {
  /** From its start to its end, features and reports included. */
  milliseconds: number;
  peakBytes: number | null;
  /** What computed. */
  backend: "webgpu" | "wasm";
  adapter: string | null;
  /** Units of each student that it trained. */
  hidden: number[];
  /** Training images. */
  images: number;
}

/** The command line whose `sweep` is measured, and what it is told. */
export interface SweepProgram {
  /** Path of its main module. */
  program: string;
  /** Path of its deno.json. */
  config: string;
  backend: BackendChoice;
  /** More arguments of `sweep`; none for the default sweep. */
  args?: string[];
}

/** The folder that a sweep runs in, and what stops it. */
export interface SweepRunOptions {
  folder: string;
  signal?: AbortSignal;
}

/** How often the process's memory is looked at, in ms: it can't be when it has ended. */
const LOOK_EVERY_MS = 200;

function readSweep(text: string): Omit<SweepRun, "milliseconds" | "peakBytes"> {
  const { backend, students, dataset } = parseJsonObject(text, "sweep --json");
  const { name, adapter } = Object(backend);
  if (name !== "webgpu" && name !== "wasm") {
    throw new Error(`Cannot compare the sweep: no peer computes on ${name}`);
  }
  const hidden: number[] = Array.isArray(students)
    ? students.map((student) => Number(Object(student).hidden))
    : [];
  const images = Number(Object(dataset).train);
  return { backend: name, adapter, hidden, images };
}

/**
 * Runs `sweep --json` of the command line `program` as a process of its own in
 * `folder`: an empty one, and it starts from nothing; one where a sweep has run,
 * and it finds the features.
 *
 * Throws an `Error` with its last words where it fails.
 */
export async function measureSweep(
  { program, config, backend, args = [] }: SweepProgram,
  { folder, signal }: SweepRunOptions,
): Promise<SweepRun> {
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "-A",
      "--config",
      config,
      program,
      "sweep",
      "--json",
      "--backend",
      backend,
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  let peakBytes: number | null = null;
  const look = setInterval(async () => {
    peakBytes = await peakMemory(child.pid) ?? peakBytes;
  }, LOOK_EVERY_MS);
  const { success, stdout, stderr } = await child.output()
    .finally(() => clearInterval(look));
  const milliseconds = performance.now() - start;
  signal?.throwIfAborted();
  if (!success) {
    const words = new TextDecoder().decode(stderr).trim().split("\n");
    throw new Error(`the sweep failed: ${words.at(-1)}`);
  }
  const text = new TextDecoder().decode(stdout);
  return { milliseconds, peakBytes, ...readSweep(text) };
}

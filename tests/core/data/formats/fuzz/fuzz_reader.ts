import { getHeapStatistics } from "node:v8";
import { randomStream } from "../../../../../core/random/stream.ts";
import type { FuzzedReader, Read } from "./readers.ts";

/** Longer than any file may take, in ms, on a machine that does much else. */
const MOST_MS = 10_000;
/** More than any of these files may take of memory, in bytes: a picture of the largest extent. */
const MOST_BYTES = 2 ** 30;
/** Faults that are reported in full. */
const MOST_FAULTS = 20;

/** What has come of feeding a reader. */
export interface ReaderReport {
  files: number;
  read: number;
  /** How often each refusal came, numbers left out, the most frequent first. */
  refusals: Record<string, number>;
  /** The longest that a file took, in ms. */
  slowest: number;
  /** The most that memory grew by meanwhile, garbage counted, in bytes. */
  largest: number;
  faultCount: number;
  /** The first of those: what must not be, and the file in hexadecimal. */
  faults: { fault: string; file: string }[];
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** What is wrong with what was read; undefined where nothing is. */
function findFault(parts: Read[]): string | undefined {
  for (const { count, shape, images, labels, classes } of parts) {
    const size = shape.reduce((a, b) => a * b);
    if (images.length !== count * size) return "pixels are missing";
    if (labels.length !== count) return "labels are missing";
    for (let i = 0; i < count; i++) {
      if (!(labels[i] >= 0 && labels[i] < classes)) return "a label is beyond";
    }
  }
}

/** What a refusal says, if it is one that a caller can rely on. */
function describeRefusal(error: unknown): string | undefined {
  const known = error instanceof SyntaxError || error instanceof RangeError ||
    error instanceof TypeError;
  // A picture's own errors go on from its name: "its pixels must …".
  if (!known || !/^(Cannot |its? )/.test(error.message)) return undefined;
  return `${error.name}: ${error.message.replace(/\S*\/\S+/g, "…")}`
    .replace(/"[^]*"/, '"…"').replace(/-?\d[\d,.e+-]*/g, "#");
}

/** Feeds a reader `files` changed files; the same seed changes them alike. */
export async function fuzzReader(
  { seeds, change, read }: FuzzedReader,
  { files, seed }: { files: number; seed: number },
): Promise<ReaderReport> {
  const random = randomStream(seed, "fuzz readers");
  const draw = () => seeds[random.below(seeds.length)];
  const refusals = new Map<string, number>();
  const faults: ReaderReport["faults"] = [];
  let [done, slowest, largest, faultCount] = [0, 0, 0, 0];
  for (let place = 0; place < files; place++) {
    const file = change(draw(), random, draw());
    const [start, before] = [performance.now(), usedBytes()];
    let fault;
    try {
      fault = findFault(await read(file));
      done++;
    } catch (error) {
      const refusal = describeRefusal(error);
      if (refusal === undefined) fault = String(error);
      else refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
    }
    const took = performance.now() - start;
    const grown = usedBytes() - before;
    if (took > MOST_MS) fault ??= `it took ${Math.round(took)} ms`;
    if (grown > MOST_BYTES) fault ??= `it took ${grown} bytes`;
    slowest = Math.max(slowest, took);
    largest = Math.max(largest, grown);
    if (fault !== undefined && faultCount++ < MOST_FAULTS) {
      faults.push({ fault, file: file.toHex() });
    }
  }
  return {
    files,
    read: done,
    refusals: Object.fromEntries(
      [...refusals].toSorted(([, a], [, b]) => b - a),
    ),
    slowest,
    largest,
    faultCount,
    faults,
  };
}

import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { drawLongModel, drawModel } from "./draw_model.ts";
import { fixChecksum, fixFrame } from "./fix_frame.ts";
import { judge } from "./judge.ts";
import { mutate } from "./mutate.ts";

/** Files that mutations begin with. */
const SEEDS = 40;
/** Inputs of a new outcome that are mutated further, at the most. */
const MOST_KEPT = 2000;

/** An input and what is said of it. */
export interface Extreme {
  /** Its place among the inputs. */
  input: number;
  value: number;
  /** Its bytes, in hexadecimal. */
  hex: string;
}

/** What a run of the fuzzer has found. */
export interface FuzzReport {
  inputs: number;
  seed: number;
  /** How often each outcome came, the most frequent first. */
  outcomes: Record<string, number>;
  /** The longest that an input took, in ms. */
  slowest: Extreme;
  /** The most that the memory grew by, in bytes. */
  largest: Extreme;
  /** What must not be, with the input that made it. */
  violations: { input: number; violation: string; hex: string }[];
}

/** Bytes that begin like a file, and go on at random. */
function drawForeign(
  random: Xoshiro128,
  [file]: Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(
    { length: random.below(200) },
    () => random.below(256),
  );
  bytes.set(file.subarray(0, Math.min(bytes.length, random.below(12))));
  return bytes;
}

/**
 * Decodes `inputs` files: whole ones of small models with layers and codings drawn
 * at random, such with a few changes, and bytes that are no file. Seven in ten of
 * those that were changed get a right length and checksum, so that what is behind
 * them is reached, two a right checksum only; an input with an outcome that hasn't been before is changed further, and one of
 * which bytes are left over is tried without them.
 */
export function runFuzz(
  { inputs, seed, onProgress }: {
    inputs: number;
    seed: number;
    onProgress?: (done: number) => void;
  },
): FuzzReport {
  const random = randomStream(seed, "fuzz");
  const corpus = Array.from(
    { length: SEEDS },
    () => encodeDram(drawModel(random)),
  );
  corpus.push(encodeDram(drawLongModel(random)));
  const outcomes = new Map<string, number>();
  const none = { input: -1, value: -1, hex: "" };
  const report: FuzzReport = {
    inputs,
    seed,
    outcomes: {},
    slowest: none,
    largest: none,
    violations: [],
  };
  let trimmed: Uint8Array<ArrayBuffer> | undefined;
  const draw = () => {
    if (trimmed) return trimmed;
    const kind = random.below(20);
    if (kind === 0) return encodeDram(drawModel(random));
    const [one, other] = [0, 0].map(() => corpus[random.below(corpus.length)]);
    const bytes = kind === 1
      ? drawForeign(random, corpus)
      : mutate(one, random, other);
    const repair = random.below(10);
    if (repair > 2) fixFrame(bytes);
    else if (repair > 0) fixChecksum(bytes);
    return bytes;
  };
  for (let input = 0; input < inputs; input++) {
    const bytes = draw();
    const verdict = judge(bytes);
    const { outcome, leftOver, milliseconds, bytes: grown } = verdict;
    const { violation } = verdict;
    // Without what is left over it is a file, of a model that nobody made.
    trimmed = leftOver > 0
      ? bytes.slice(0, bytes.length - leftOver)
      : undefined;
    if (trimmed) fixFrame(trimmed);
    const count = (outcomes.get(outcome) ?? 0) + 1;
    outcomes.set(outcome, count);
    if (count === 1 && corpus.length < MOST_KEPT) corpus.push(bytes);
    const hex = () => bytes.toHex();
    if (milliseconds > report.slowest.value) {
      report.slowest = { input, value: milliseconds, hex: hex() };
    }
    if (grown > report.largest.value) {
      report.largest = { input, value: grown, hex: hex() };
    }
    if (violation !== undefined) {
      report.violations.push({ input, violation, hex: hex() });
    }
    onProgress?.(input + 1);
  }
  report.outcomes = Object.fromEntries(
    [...outcomes].toSorted(([, a], [, b]) => b - a),
  );
  return report;
}

import { randomStream } from "../../../../core/random/stream.ts";
import { type Input, Inputs, SMALL } from "./draw_input.ts";
import { judge } from "./judge.ts";

/** One input in so many is read under the usual budget, and one in so many encoded anew. */
const EVERY_USUAL = 16;
const EVERY_ENCODED = 64;
/** Violations that are reported in full. */
const MOST_VIOLATIONS = 20;

/** An input and what is said of it. */
export interface Extreme {
  /** Its place among the inputs. */
  input: number;
  value: number;
  /** Its bytes in hexadecimal, or its link, the first 400 characters. */
  text: string;
}

/** What a run of the fuzzer has found. */
export interface FuzzReport {
  inputs: number;
  seed: number;
  seconds: number;
  inputsPerSecond: number;
  /** How many inputs of each family there were. */
  families: Record<string, number>;
  /** How often each outcome came, the most frequent first. */
  outcomes: Record<string, number>;
  /** The longest that an input took to be decoded or refused, in ms. */
  slowest: Extreme;
  /** The most that memory grew by meanwhile, garbage counted, in bytes. */
  largest: Extreme;
  /** How many inputs did what must not be. */
  violationCount: number;
  /** The first of those. */
  violations: { input: number; violation: string; text: string }[];
}

function textOf(input: Input): string {
  return "bytes" in input ? input.bytes.toHex() : input.link;
}

function sortByCount(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}

/**
 * Draws and judges `inputs` inputs; those with an outcome that hasn't been before are
 * changed further. The same seed draws the same inputs.
 */
export function runFuzz(
  { inputs, seed, onProgress }: {
    inputs: number;
    seed: number;
    onProgress?: (done: number) => void;
  },
): FuzzReport {
  const drawn = new Inputs(randomStream(seed, "fuzz"));
  const [outcomes, families] = [0, 0].map(() => new Map<string, number>());
  const count = (counts: Map<string, number>, key: string) => {
    const times = (counts.get(key) ?? 0) + 1;
    counts.set(key, times);
    return times;
  };
  const violations: FuzzReport["violations"] = [];
  let violationCount = 0;
  let [slowest, largest] = [0, 0].map((): Extreme => ({
    input: -1,
    value: -1,
    text: "",
  }));
  const start = performance.now();
  for (let place = 0; place < inputs; place++) {
    const input = drawn.draw();
    const { outcome, milliseconds, bytes, violation } = judge(input, {
      budget: place % EVERY_USUAL === 0 ? {} : SMALL,
      encode: place % EVERY_ENCODED === 1,
    });
    count(families, input.family);
    if (count(outcomes, outcome) === 1) drawn.keep(input);
    const extreme = (value: number) => ({
      input: place,
      value,
      text: textOf(input).slice(0, 400),
    });
    if (milliseconds > slowest.value) slowest = extreme(milliseconds);
    if (bytes > largest.value) largest = extreme(bytes);
    if (violation !== undefined && violationCount++ < MOST_VIOLATIONS) {
      violations.push({ input: place, violation, text: textOf(input) });
    }
    onProgress?.(place + 1);
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    inputs,
    seed,
    seconds,
    inputsPerSecond: inputs / seconds,
    families: sortByCount(families),
    outcomes: sortByCount(outcomes),
    slowest,
    largest,
    violationCount,
    violations,
  };
}

/** A first run below this, in ms, is followed by a second that doesn't count either. */
const SHORT_MS = 2000;

/** Somebody whose runs are timed. */
export interface Contestant {
  /** Runs once; how long it took, in ms. The first runs prepare, and don't count. */
  run(): Promise<number>;
}

/** How often to run. */
export interface Repetitions {
  /** Runs that count, at the least. */
  least: number;
  /** Runs that count, at the most. */
  most: number;
  /** Time that a contestant's runs beyond the least may bring its total to, in ms. */
  budget: number;
}

/** What a contestant has come to: its times in ms, or the error that stopped it. */
export type Outcome = { milliseconds: number[] } | { error: Error };

/**
 * Times `contestants` in turn, a run of each a round, so that whatever else the
 * machine does meets all alike. Before the rounds each runs once to prepare, and
 * once more if that was short. A slow one has fewer runs, by `repetitions`; one that throws is out.
 *
 * Returns the outcomes in the contestants' order. Throws the signal's reason when
 * that is aborted, between two runs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { interleave } from "./interleave.ts";
 *
 * const order: string[] = [];
 * const contestants = ["a", "b"].map((name) => ({
 *   run: () => Promise.resolve(order.push(name)),
 * }));
 * await interleave(contestants, { least: 2, most: 2, budget: 0 });
 * assertEquals(order.join(""), "aabb" + "abab");
 * ```
 */
export async function interleave(
  contestants: readonly Contestant[],
  { least, most, budget }: Repetitions,
  { signal, onRun, now = () => performance.now() }: {
    signal?: AbortSignal;
    /** Told which contestant is about to run. */
    onRun?: (index: number) => void;
    /** The clock, in ms. */
    now?: () => number;
  } = {},
): Promise<Outcome[]> {
  const states = contestants.map((contestant, index) => ({
    contestant,
    index,
    milliseconds: [] as number[],
    spent: 0,
    last: 0,
    error: undefined as Error | undefined,
  }));
  type State = typeof states[number];

  /** How long the caller waited; undefined where the contestant is out. */
  const runOnce = async (state: State): Promise<number | undefined> => {
    signal?.throwIfAborted();
    onRun?.(state.index);
    const start = now();
    try {
      state.last = await state.contestant.run();
    } catch (error) {
      state.error = error instanceof Error ? error : new Error(String(error));
    }
    return state.error ? undefined : now() - start;
  };

  for (const state of states) {
    const first = await runOnce(state);
    if (first !== undefined && first < SHORT_MS) await runOnce(state);
  }
  for (let round = 0; round < most; round++) {
    for (const state of states) {
      const mean = state.spent / Math.max(1, round);
      const affordable = round < least || state.spent + mean <= budget;
      if (state.error || !affordable || state.milliseconds.length < round) {
        continue;
      }
      const waited = await runOnce(state);
      if (waited === undefined) continue;
      state.spent += waited;
      state.milliseconds.push(state.last);
    }
  }
  return states.map(({ error, milliseconds }) =>
    error ? { error } : { milliseconds }
  );
}

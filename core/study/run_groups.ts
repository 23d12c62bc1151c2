import { runPool } from "../workers/run_pool.ts";
import { removeCheckpoints } from "./checkpoints.ts";
import type { Runner } from "./runner.ts";
import type { Study } from "./study.ts";
import type { StudyFormat } from "./study_format.ts";

/** Errors by name that say what happened to the machine, not to what it was to train. */
const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(Deno.errors),
  "DeviceError",
  "WorkerError",
  // Text or bytes that don't parse: a damaged checkpoint or cache.
  "SyntaxError",
]);

/** `ENOSPC` and its like; not Node's `ERR_…`, but for SQLite's. */
const CODE = /^(?:E[A-Z0-9]+|ERR_SQLITE_ERROR)$/;

/** What engines say where memory ran out, each in its own words. */
const NO_MEMORY =
  /allocation failed|out of memory|could not allocate|maximum memory size|\bOOM\b/i;

/**
 * Whether `error`, met while a trial was trained, is no fault of the trial's: a full
 * or failing disk, a damaged file, permissions, memory, a device that is gone, a
 * worker that died. The trial stays planned then, and the run ends; the same
 * command goes on when the trouble is gone.
 *
 * All else is the trial's own: it diverges, or can't be built as it is described.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DivergenceError } from "../train/divergence.ts";
 * import { isLocalTrouble } from "./run_groups.ts";
 *
 * const missing = await Deno.readFile("/no/such").catch((error) => error);
 * assertEquals(isLocalTrouble(missing), true);
 * assertEquals(isLocalTrouble(new DivergenceError("NaN")), false);
 * assertEquals(isLocalTrouble(new RangeError("Cannot use 9 bits")), false);
 * assertEquals(isLocalTrouble(new RangeError("Array buffer allocation failed")), true);
 * ```
 */
export function isLocalTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return NAMES.has(error.name) || NO_MEMORY.test(error.message) ||
    // Of another version or configuration: what is there is not the trial's.
    error.message.startsWith("Cannot resume from ") ||
    ("code" in error && typeof error.code === "string" &&
      CODE.test(error.code));
}

/** What has been heard of a group under way. */
export interface Heard {
  /** How much of it is done, where that was told. */
  done?: number;
  /** Why it isn't worth going on with; nothing else is heard of it then. */
  stop?: string;
}

/** Trials that are trained together, and what is made of what comes of them. */
export interface TrialGroup<Task, Event, Result> {
  /** Their numbers in the study. */
  readonly trials: readonly number[];
  /** What a runner needs to train them: plain data. */
  readonly task: Task;
  /** Asked when their turn has come: why they aren't worth beginning, if so. */
  refuse?(): string | undefined;
  /** Takes what the runner tells; throws where the study can't be written. */
  hear(event: Event): Heard;
  /** Records what they came to. */
  finish(result: Result): void;
  /** Told that they have failed or were stopped, as the study has recorded. */
  closed(state: "failed" | "stopped", reason: string): void;
  /** Removes what they have left, once nothing can go on from it. */
  removeFiles(): Promise<void>;
}

/** Ends the training of a group that is not worth going on with. */
class StoppedError extends Error {
  override name = "StoppedError";
}

/** How groups are run. */
export interface RunGroupsOptions<Group, Task, Event, Result> {
  /** Trains a group. */
  runner: Runner<Task, Event, Result>;
  /** Groups at a time. */
  workers: number;
  /** How many groups there will be in all. */
  count: number;
  /** What `done` of a group comes to in the end. */
  each: number;
  /** Told how much of all groups is done, of how much, by which, at what. */
  onProgress?: (
    done: number,
    total: number,
    group: Group,
    event?: Event,
  ) => void;
  /** When aborted, groups under way save where they stand, then stop. */
  signal?: AbortSignal;
}

/**
 * Trains `groups` of planned trials, `workers` at a time, the first ones first; where
 * they are made as they are taken, the next is asked for when a worker is free. A
 * group that fails is recorded with its error, and the rest go on. When `signal` is
 * aborted, those under way save where they stand, and their trials are planned
 * again; so too where something is no fault of the trials (see
 * {@linkcode isLocalTrouble}), which is thrown. Once no trial is left to train,
 * nothing of them is left beside the study.
 */
export async function runGroups<
  Group extends TrialGroup<Task, Event, Result>,
  Task,
  Event,
  Result,
>(
  study: Study<StudyFormat>,
  groups: Iterable<Group> | AsyncIterable<Group>,
  { runner, workers, count, each, onProgress, signal }: RunGroupsOptions<
    Group,
    Task,
    Event,
    Result
  >,
): Promise<void> {
  const shares = new Map<Group, number>();

  // Trouble of one is trouble of all: those under way save where they stand.
  const halt = new AbortController();
  const isOver = () => halt.signal.aborted || signal?.aborted;

  const report = (group: Group, done: number, event?: Event) => {
    shares.set(group, done);
    const sum = [...shares.values()].reduce((a, b) => a + b, 0);
    onProgress?.(sum, each * count, group, event);
  };

  const close = (
    group: Group,
    state: "failed" | "stopped",
    reason: string,
  ) => {
    study.close(group.trials, state, reason);
    report(group, each);
    group.closed(state, reason);
  };

  const train = async (group: Group): Promise<void> => {
    const own = new AbortController();
    let unwritable: { error: unknown } | undefined;
    const onEvent = (event: Event) => {
      // Told before the worker has heard that it is stopped: chance decides whether.
      if (own.signal.aborted) return;
      try {
        const { done, stop } = group.hear(event);
        if (stop !== undefined) own.abort(new StoppedError(stop));
        else report(group, done ?? shares.get(group) ?? 0, event);
      } catch (error) {
        // Told by a runner: nobody would catch it here.
        unwritable = { error };
        own.abort(error);
      }
    };
    let result: Result;
    try {
      result = await runner(group.task, {
        signal: AbortSignal.any(
          [own.signal, halt.signal, signal].filter((each) =>
            each !== undefined
          ),
        ),
        onEvent,
      });
      if (unwritable) throw unwritable.error;
    } catch (error) {
      // A study that can't be written to is no failure of its trials.
      if (unwritable) throw unwritable.error;
      if (error instanceof StoppedError) {
        close(group, "stopped", error.message);
        return await group.removeFiles();
      }
      if (isOver() || isLocalTrouble(error)) throw error;
      // The checkpoints stay: what failed may work when it is tried again.
      const message = error instanceof Error ? error.message : String(error);
      return close(group, "failed", message);
    }
    report(group, each);
    group.finish(result);
    await group.removeFiles();
  };

  const runGroup = async (group: Group): Promise<void> => {
    const refusal = group.refuse?.();
    if (refusal !== undefined) {
      close(group, "stopped", refusal);
      return await group.removeFiles();
    }
    study.begin(group.trials);
    await train(group);
  };

  await runPool(
    groups,
    workers,
    (group) =>
      runGroup(group).catch((error) => {
        study.release(group.trials);
        halt.abort(error);
        throw error;
      }),
  );
  await removeCheckpoints(study);
}

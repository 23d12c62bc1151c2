import type { TrialEnd } from "./study_format.ts";

/** Where a trial can be. */
export type TrialState = "planned" | "training" | TrialEnd;

/**
 * Where a trial can go from where it is. `training` is known to the process that
 * trains alone: in the file the trial stays planned, so that a kill at any moment
 * leaves nothing to mend.
 */
export const TRANSITIONS = {
  // Stopped: others show that it isn't worth beginning.
  planned: ["training", "stopped"],
  // Planned: the run was stopped, or something is wrong that is no fault of the trial's.
  training: ["planned", "done", "failed", "stopped"],
  // Its record is damaged.
  done: ["planned"],
  // It is to be tried again.
  failed: ["planned"],
  // It is to be trained whatever the others are.
  stopped: ["planned"],
} as const satisfies Record<TrialState, readonly TrialState[]>;

/**
 * Throws an `Error` unless the trial numbered `id` can go from `from` to `to`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { assertTransition } from "./trial_state.ts";
 *
 * assertTransition(1, "planned", "training");
 * assertThrows(() => assertTransition(1, "done", "training"), Error, "it is done");
 * ```
 */
export function assertTransition(
  id: number,
  from: TrialState,
  to: TrialState,
): void {
  const known: readonly TrialState[] = TRANSITIONS[from];
  if (known.includes(to)) return;
  const origins = Object.entries(TRANSITIONS)
    .filter(([, next]) => next.some((each) => each === to))
    .map(([state]) => state);
  throw new Error(
    `Cannot make trial ${id} ${to}: it must be ${
      origins.join(" or ")
    } before: it is ${from}`,
  );
}

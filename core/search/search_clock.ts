import { isRecord } from "../files/json.ts";
import type { SearchStudy } from "./search_trials.ts";

// When trials were done, on a clock of the study's own: what is kept besides by the
// day (`finished`) has breaks in it. Settings, so that studies of before stay as they are.

/** A number of seconds that the study keeps under `key`. */
function readSeconds(study: SearchStudy, key: string): number | undefined {
  const value = study.readSetting(key);
  if (value === undefined) return undefined;
  if (isRecord(value) && typeof value.seconds === "number") {
    return value.seconds;
  }
  throw new SyntaxError(
    `Cannot use the study ${study.path}: its ${key} must be a number of seconds: it is not; bring back a copy of the study, or choose another name with --study`,
  );
}

/** Under which key is kept when, on the study's clock, a trial was done. */
function elapsedKey(id: number): string {
  return `time of trial ${id}`;
}

/**
 * Seconds that the study has been searching when the trial numbered `id` was done:
 * without what came before, such as the teacher's logits, and without breaks.
 * `undefined` of trials of earlier versions of Retort, which didn't keep it.
 */
export function readElapsed(
  study: SearchStudy,
  id: number,
): number | undefined {
  return readSeconds(study, elapsedKey(id));
}

/** Keeps what {@linkcode readElapsed} gives: before the trial is recorded as done. */
export function recordElapsed(
  study: SearchStudy,
  id: number,
  seconds: number,
): void {
  study.writeSetting(elapsedKey(id), { seconds });
}

/** Seconds that the study has been searching, breaks left out. */
export function readClock(study: SearchStudy): number {
  return readSeconds(study, "clock") ?? 0;
}

/** Keeps what {@linkcode readClock} gives. */
export function recordClock(study: SearchStudy, seconds: number): void {
  study.writeSetting("clock", { seconds });
}

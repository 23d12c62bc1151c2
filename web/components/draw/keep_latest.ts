/**
 * A function that asks for `work`. Work runs once at a time; however often it is
 * asked for meanwhile, it runs once more after, on what is true then: answers never
 * queue behind a slow backend. `schedule` says when asked work begins, as
 * `requestAnimationFrame` does. `work` deals with its own errors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keepLatest } from "./keep_latest.ts";
 *
 * let runs = 0;
 * const ask = keepLatest(() => Promise.resolve(runs++), queueMicrotask);
 * ask();
 * ask();
 * await new Promise((done) => setTimeout(done));
 * assertEquals(runs, 1);
 * ```
 */
export function keepLatest(
  work: () => Promise<unknown>,
  schedule: (run: () => void) => void,
): () => void {
  let busy = false;
  let asked = false;
  const run = async () => {
    asked = false;
    try {
      await work();
    } finally {
      busy = false;
      if (asked) ask();
    }
  };
  const ask = () => {
    asked = true;
    if (busy) return;
    busy = true;
    schedule(run);
  };
  return ask;
}

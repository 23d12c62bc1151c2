/**
 * A loss is no longer finite: what was learnt is lost.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DivergenceError } from "./divergence.ts";
 *
 * assertEquals(new DivergenceError("NaN").name, "DivergenceError");
 * ```
 */
export class DivergenceError extends Error {
  /** What it is known by, across workers too. */
  override name = "DivergenceError";
}

/** Throws a {@linkcode DivergenceError} unless `loss`, at `step`, is finite. */
export function assertFinite(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new DivergenceError(
    `Cannot go on training: the loss must be finite: at step ${step} it is ${loss}; try a lower learning rate`,
  );
}

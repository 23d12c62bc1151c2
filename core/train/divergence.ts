import type { MemberRecord } from "./training_state.ts";

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

/**
 * Stops those of `members` at `indices` that are still training and whose loss, one
 * of `losses` each, isn't finite. Throws a {@linkcode DivergenceError} if that
 * leaves none of all `members` but such.
 */
export function stopDiverged(
  members: MemberRecord[],
  indices: number[],
  losses: ArrayLike<number>,
  step: number,
): void {
  indices.forEach((index, place) => {
    const member = members[index];
    if (member.stopped || Number.isFinite(losses[place])) return;
    member.stopped = true;
    member.failure =
      `Cannot go on training: the loss must be finite: at step ${step} it is ${
        losses[place]
      }; try a lower learning rate`;
  });
  if (members.every(({ failure }) => failure !== undefined)) {
    throw new DivergenceError(members[0].failure);
  }
}

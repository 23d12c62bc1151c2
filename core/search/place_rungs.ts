/** Shares of a training after which trials are compared. */
const SHARES = [1 / 4, 1 / 2, 3 / 4];

/**
 * The epochs of a training of `epochs` after which trials are compared: at 1/4, 1/2
 * and 3/4 of it, the last epoch never among them.
 *
 * Successive halving with η = 2 (Jamieson and Talwalkar, "Non-stochastic best arm
 * identification and hyperparameter optimization", 2016) has rungs from 1/2ᵏ on;
 * none is earlier than 1/4 here, since deep students learn more slowly at first than
 * flat ones that they overtake, and one more is among the quantised epochs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeRungs } from "./place_rungs.ts";
 *
 * assertEquals(placeRungs(100), [25, 50, 75]);
 * assertEquals(placeRungs(1), []);
 * ```
 */
export function placeRungs(epochs: number): number[] {
  const rungs = SHARES.map((share) => Math.ceil(share * epochs));
  return [...new Set(rungs)].filter((rung) => rung < epochs);
}

import { epochBatches } from "../data/batches.ts";
import type { Learner } from "./learner.ts";

/**
 * The batches of one epoch, counted from 0, as arrays of indices: of `batchSize`
 * examples in the order that `seed` decides or, where members have orders of their
 * own, as many of each, one order after another.
 *
 * Throws a `RangeError` unless `batchSize`, and `examplesPerEpoch` where it is
 * given, are integers ≥ 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { orderBatches } from "./order_batches.ts";
 *
 * const run = { seed: 1, batchSize: 4 };
 * const batches = orderBatches({ count: 10, orders: [1, 2] }, run, 0);
 * assertEquals(batches.map(({ length }) => length), [8, 8, 4]);
 * ```
 */
export function orderBatches(
  { count, orders }: Pick<Learner, "count" | "orders">,
  { seed, batchSize: size, examplesPerEpoch: taken }: {
    seed: number;
    batchSize: number;
    examplesPerEpoch?: number;
  },
  epoch: number,
): Uint32Array<ArrayBuffer>[] {
  const [first, ...others] = (orders ?? [seed]).map((seed) =>
    epochBatches({ count, size, seed, epoch, taken })
  );
  if (others.length === 0) return first;
  return first.map((batch, index) => {
    const joined = new Uint32Array(batch.length * (1 + others.length));
    [first, ...others].forEach((batches, order) =>
      joined.set(batches[index], order * batch.length)
    );
    return joined;
  });
}

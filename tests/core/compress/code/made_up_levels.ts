import { randomStream } from "../../../../core/random/stream.ts";

/** Levels as quantised networks have them, and how they are distributed. */
export interface LevelSource {
  shape: "gaussian" | "laplacian";
  bits: number;
  /** Standard deviation or mean size, in levels. */
  spread: number;
  /** Share of weights that pruning has made 0. */
  pruned?: number;
}

/** `count` levels drawn independently from `source`, by seed. */
export function makeUpLevels(
  seed: number,
  count: number,
  { shape, bits, spread, pruned = 0 }: LevelSource,
): Int16Array<ArrayBuffer> {
  const random = randomStream(seed, "levels");
  const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return Int16Array.from({ length: count }, () => {
    if (random.uniform() < pruned) return 0;
    const [u, v] = [1 - random.uniform(), random.uniform()];
    const value = shape === "gaussian"
      ? Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
      : (v < 0.5 ? -1 : 1) * -Math.log(u);
    return Math.max(low, Math.min(high, Math.round(value * spread)));
  });
}

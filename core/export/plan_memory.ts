/** Numbers that a step leaves for later ones. */
export interface BufferUse {
  /** How many. */
  size: number;
  /** The step that fills it. */
  from: number;
  /** The last step that reads it. */
  to: number;
}

/** Where each buffer begins, and what all take together. */
export interface MemoryPlan {
  offsets: number[];
  size: number;
}

/**
 * Places buffers in one stretch of memory so that those alive at the same step
 * don't overlap: the largest first, each at the lowest place that is free while it
 * lives.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planMemory } from "./plan_memory.ts";
 *
 * const plan = planMemory([
 *   { size: 9, from: 0, to: 1 },
 *   { size: 4, from: 1, to: 2 },
 *   { size: 6, from: 2, to: 3 },
 * ]);
 * assertEquals(plan, { offsets: [0, 9, 0], size: 13 });
 * ```
 */
export function planMemory(buffers: readonly BufferUse[]): MemoryPlan {
  const offsets = buffers.map(() => 0);
  const placed: number[] = [];
  const bySize = [...buffers.keys()]
    .sort((a, b) => buffers[b].size - buffers[a].size || a - b);
  for (const index of bySize) {
    const { size, from, to } = buffers[index];
    const alive = placed
      .filter((other) => buffers[other].from <= to && buffers[other].to >= from)
      .sort((a, b) => offsets[a] - offsets[b]);
    for (const other of alive) {
      if (offsets[index] + size <= offsets[other]) break;
      offsets[index] = Math.max(
        offsets[index],
        offsets[other] + buffers[other].size,
      );
    }
    placed.push(index);
  }
  const ends = buffers.map(({ size }, index) => offsets[index] + size);
  return { offsets, size: Math.max(0, ...ends) };
}

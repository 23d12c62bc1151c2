import type { BroadcastTile, WorkgroupTile } from "../tile.ts";
import type { Product } from "./product.ts";

/** How the straight-line code of a broadcast tile splits a product's sum. */
export interface BroadcastSplit {
  parts: number;
  /** Groups of a part. */
  groups: number;
  /** Terms of a group in one part. */
  length: number;
  /** Parts along each group; where it is 1, a part has whole groups. */
  lengthParts: number;
}

/** How the loop of a workgroup tile splits a product's sum. */
export interface WorkgroupSplit {
  parts: number;
  /** Turns of the loop in one part. */
  steps: number;
}

/** Workgroups that keep a GPU busy: a sum is split until there are as many. */
const ENOUGH_WORKGROUPS = 256;
/** Turns of a part's loop at least: fewer would be all overhead. */
const FEWEST_STEPS = 8;

/** Even pieces of at most `most`, whose size is a multiple of `multiple`. */
export function spread(
  extent: number,
  most: number,
  multiple: number,
): { pieces: number; size: number } {
  const even = extent / Math.ceil(extent / most);
  const size = Math.ceil(even / multiple) * multiple;
  return { pieces: Math.ceil(extent / size), size };
}

/** Splits a sum into parts of at most `depth` terms: whole groups, or parts of one. */
export function splitBroadcast(
  { groups, length, left }: Product,
  { depth }: BroadcastTile,
): BroadcastSplit {
  if (length > depth) {
    const { pieces, size } = spread(length, depth, left.lanes);
    return {
      parts: groups * pieces,
      groups: 1,
      length: size,
      lengthParts: pieces,
    };
  }
  const { pieces, size } = spread(groups, Math.floor(depth / length), 1);
  return { parts: pieces, groups: size, length, lengthParts: 1 };
}

/** Splits a sum, where its result has few tiles, into at most `mostParts` parts. */
export function splitWorkgroup(
  { batch, rows, columns, groups, length }: Product,
  tile: WorkgroupTile,
  mostParts: number,
): WorkgroupSplit {
  const workgroups = batch * Math.ceil(rows / (tile.rows * tile.down)) *
    Math.ceil(columns / (tile.columns * tile.across));
  const steps = Math.ceil(groups * length / tile.depth);
  const parts = Math.min(
    Math.ceil(ENOUGH_WORKGROUPS / workgroups),
    Math.floor(steps / FEWEST_STEPS),
    mostParts,
  );
  const each = Math.ceil(steps / Math.max(1, parts));
  return { parts: Math.ceil(steps / each), steps: each };
}

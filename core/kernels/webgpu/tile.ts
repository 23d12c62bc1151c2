/**
 * Every invocation computes one row by `columns` columns. The right operand passes
 * through workgroup memory and is read from there at addresses that are the same
 * for all invocations; the sum over `depth` is written out as straight-line code.
 *
 * For software adapters: Mesa's llvmpipe runs eight invocations as the lanes of a
 * vector. A read at one address is one broadcast, but only outside of loops and
 * branches, whose bodies run under a mask; any other read is a loop over lanes.
 */
export interface BroadcastTile {
  kind: "broadcast";
  /** Most invocations of a workgroup, each with a row of its own. */
  rows: number;
  /** Most columns that an invocation computes. */
  columns: number;
  /** Most terms of a sum: longer ones are split into parts that are then summed. */
  depth: number;
}

/**
 * Every invocation computes `rows` × `columns` entries; both operands pass through
 * workgroup memory, `depth` terms at a time. For GPUs.
 */
export interface WorkgroupTile {
  kind: "workgroup";
  /** Rows that an invocation computes, a multiple of 4. */
  rows: number;
  /** Columns that an invocation computes, a multiple of 4. */
  columns: number;
  /** Invocations of a workgroup along columns. */
  across: number;
  /** Invocations of a workgroup along rows. */
  down: number;
  /** Terms between two barriers, a multiple of 4. */
  depth: number;
}

/** How a product of matrices is cut up. */
export type Tile = BroadcastTile | WorkgroupTile;

/** What a product is for: shapes of a kind want the same tile. */
export type ProductKind = "dense" | "convolution" | "filterGradient";

/** The tile of each kind of product. */
export type Tiles = Record<ProductKind, Tile>;

const BROADCAST: BroadcastTile = {
  kind: "broadcast",
  rows: 1024,
  columns: 32,
  depth: 288,
};

/** The tile of a GPU that wasn't tuned. */
export const WORKGROUP_TILE: WorkgroupTile = {
  kind: "workgroup",
  rows: 8,
  columns: 4,
  across: 16,
  down: 8,
  depth: 16,
};

function everywhere(tile: Tile): Tiles {
  return { dense: tile, convolution: tile, filterGradient: tile };
}

/** What a device gets that wasn't tuned: a software adapter, or a GPU. */
export function defaultTiles(software: boolean): Tiles {
  return everywhere(software ? BROADCAST : WORKGROUP_TILE);
}

/** The tiles that tuning chooses from, the default first. */
export function tileCandidates(software: boolean): Tile[] {
  return software
    ? [
      BROADCAST,
      { ...BROADCAST, columns: 16 },
      { ...WORKGROUP_TILE, rows: 8, columns: 8, across: 8 },
    ]
    : [
      WORKGROUP_TILE,
      { ...WORKGROUP_TILE, rows: 4, down: 16 },
      { ...WORKGROUP_TILE, columns: 8, down: 16 },
      { ...WORKGROUP_TILE, rows: 4, across: 8, down: 8 },
    ];
}

let inUse = defaultTiles(false);

/** The tiles by which products are computed now. */
export function tilesInUse(): Tiles {
  return inUse;
}

/** Makes `tiles` those by which products are computed. */
export function useTiles(tiles: Tiles): void {
  inUse = tiles;
}

import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import {
  type Tile,
  tileCandidates,
  useTiles,
} from "../../../../core/kernels/webgpu/tile.ts";
import { assertParity, type Comparison } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";

/** Every tile that tuning may choose, on a software adapter or a GPU. */
const CANDIDATES: Tile[] = [...tileCandidates(true), ...tileCandidates(false)];

/** So small that little products already have several tiles and parts. */
const SMALL: Tile[] = [
  { kind: "broadcast", rows: 16, columns: 8, depth: 8 },
  {
    kind: "workgroup",
    rows: 4,
    columns: 4,
    across: 2,
    down: 2,
    depth: 4,
  },
];

/** The words that tell `tile` from the others. */
function nameTile(tile: Tile): string {
  return Object.values(tile).join(" ");
}

/** Computes every kind of product by `tile`. */
export function useTile(tile: Tile): void {
  useTiles({ dense: tile, convolution: tile, filterGradient: tile });
}

function testTiles(
  name: string,
  tiles: Tile[],
  comparisons: () => Comparison[],
): void {
  for (const tile of tiles) {
    Deno.test({
      name: `${name} by the tile ${
        nameTile(tile)
      } equal the CPU's (needs a Vulkan driver)`,
      ignore: !hasAdapter,
      fn: async () => {
        await selectBackend("webgpu");
        useTile(tile);
        await assertParity(comparisons());
        assertDeviceHealthy();
      },
    });
  }
}

/** Compares ours on WebGPU with the CPU backend, by tiles that split everything. */
export function testSmallTiles(
  name: string,
  comparisons: () => Comparison[],
): void {
  testTiles(name, SMALL, comparisons);
}

/** Compares ours on WebGPU with the CPU backend, by every tile that may be used. */
export function testEveryTile(
  name: string,
  comparisons: () => Comparison[],
): void {
  testTiles(name, CANDIDATES, comparisons);
}

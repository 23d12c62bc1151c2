import { tileCandidates, useTiles } from "../kernels/webgpu/tile.ts";
import { confirmDeviceHealthy } from "./health.ts";
import { readTuning, writeTuning } from "./tuning_cache.ts";
import { measureTiles } from "./tuning_measure.ts";

/** Where the tiles that suit an adapter are kept, and whether to find them. */
export interface TuningOptions {
  /** Folder of small files, one an adapter; made where there is none. */
  folder: string;
  /** Whether to measure, for up to ten seconds, where nothing is kept yet. */
  measure: boolean;
  /** Told in a sentence why what was kept is not used. */
  onNote?: (note: string) => void;
}

/**
 * Computes products by the tiles kept for `adapter`, on which WebGPU must be
 * the current backend. Where none are kept, or the file is damaged, measures
 * and keeps them if `measure`; else the defaults stay. Which tiles are used
 * decides in what order sums are taken, so results may differ in their last
 * bits.
 *
 * Where measuring fails, or the device has reported an error since it was
 * chosen, nothing is kept and the defaults stay.
 *
 * Returns whether tiles were measured and are in use.
 */
export async function tuneWebGpu(
  adapter: GPUAdapter,
  { folder, measure, onNote }: TuningOptions,
): Promise<boolean> {
  const kept = await readTuning(
    folder,
    adapter,
    (reason) => onNote?.(`what was measured of the GPU is not used: ${reason}`),
  );
  if (kept) {
    useTiles(kept);
    return false;
  }
  if (!measure) return false;
  let tiles;
  try {
    const software = adapter.info.isFallbackAdapter;
    tiles = await measureTiles(software, tileCandidates(software));
    await confirmDeviceHealthy();
  } catch {
    return false; // The run goes on; what ails the device stops it before long.
  }
  useTiles(tiles);
  // Where nothing can be written, the next run measures again.
  await writeTuning(folder, adapter, tiles).catch(() => {});
  return true;
}

import { type BackendChoice, selectBackend } from "../device/select_backend.ts";
import { type Tiles, tilesInUse, useTiles } from "../kernels/webgpu/tile.ts";
import { ensureSelfTest, hasPassed, trustBackend } from "./self_test.ts";

/** Where a worker is to compute, as plain data. */
export interface WorkerBackend {
  /** Backend to select. */
  name: BackendChoice;
  /** Tiles of matrix products on WebGPU, as tuned for the adapter. */
  tiles: Tiles;
  /** Whether Wasm has passed the self-test in the thread that starts the worker. */
  proven: boolean;
}

/** What a worker is told that is to compute on `name`, as this thread does or may. */
export function describeWorkerBackend(name: BackendChoice): WorkerBackend {
  return { name, tiles: tilesInUse(), proven: hasPassed("wasm") };
}

/**
 * Selects the backend that this worker was told of, once it has shown that it computes
 * what it should: of Wasm, the same machine code on the same processor, the thread that
 * started the worker may have seen that. Each GPU device is tested where it is opened.
 */
export async function useWorkerBackend(
  { name: choice, tiles, proven }: WorkerBackend,
): Promise<void> {
  const { name } = await selectBackend(choice);
  if (name === "webgpu") useTiles(tiles);
  if (name === "wasm" && proven) trustBackend();
  else await ensureSelfTest();
}

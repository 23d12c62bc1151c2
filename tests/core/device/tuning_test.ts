import { assert, assertEquals } from "@std/assert";
import { requestAdapter } from "../../../core/device/adapter.ts";
import { assertDeviceHealthy } from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import {
  readTuning,
  tuningFile,
  writeTuning,
} from "../../../core/device/tuning_cache.ts";
import {
  defaultTiles,
  tileCandidates,
  tilesInUse,
} from "../../../core/kernels/webgpu/tile.ts";
import * as tf from "../../../core/tf.ts";

const adapter = await requestAdapter();

/** A test with a folder of its own, on the adapter of this machine. */
function test(
  name: string,
  run: (adapter: GPUAdapter, folder: string) => Promise<void>,
): void {
  Deno.test({
    name: `${name} (needs a Vulkan driver)`,
    ignore: adapter === null,
    fn: async () => {
      if (!adapter) return;
      const folder = await Deno.makeTempDir();
      try {
        await run(adapter, folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Another choice than the default, as its file. */
async function keepOthers(adapter: GPUAdapter, folder: string) {
  const candidates = tileCandidates(adapter.info.isFallbackAdapter);
  const other = candidates[1];
  const tiles = { dense: other, convolution: other, filterGradient: other };
  await writeTuning(folder, adapter, tiles);
  return tiles;
}

test(
  "WebGPU's tiles are the defaults where nothing was measured",
  async (adapter, folder) => {
    await selectBackend("webgpu", { tuning: { folder, measure: false } });
    assertEquals(tilesInUse(), defaultTiles(adapter.info.isFallbackAdapter));
    assertEquals([...Deno.readDirSync(folder)], []);
  },
);

test("WebGPU's tiles are those that are kept", async (adapter, folder) => {
  const tiles = await keepOthers(adapter, folder);
  await selectBackend("webgpu", { tuning: { folder, measure: true } });
  assertEquals(tilesInUse(), tiles);
  await selectBackend("webgpu");
  assertEquals(tilesInUse(), defaultTiles(adapter.info.isFallbackAdapter));
});

test(
  "a damaged file, and another adapter's, keep no tiles",
  async (adapter, folder) => {
    await keepOthers(adapter, folder);
    const path = await tuningFile(folder, adapter);
    const whole = await Deno.readTextFile(path);
    const { dense: _, ...incomplete } = JSON.parse(whole);
    for (
      const text of [
        "",
        "[]",
        whole.slice(0, -20),
        JSON.stringify(incomplete),
        JSON.stringify({ ...JSON.parse(whole), for: "another" }),
        JSON.stringify({ ...JSON.parse(whole), dense: { kind: "broadcast" } }),
        whole.replace(/"rows": \d+/, '"rows": 1e9'),
      ]
    ) {
      await Deno.writeTextFile(path, text);
      assertEquals(await readTuning(folder, adapter), undefined, text);
    }
  },
);

test(
  "tuning measures, keeps what it found over a damaged file, and leaks nothing",
  async (adapter, folder) => {
    await Deno.writeTextFile(await tuningFile(folder, adapter), "damaged");
    const before = tf.memory().numTensors;
    await selectBackend("webgpu", { tuning: { folder, measure: true } });
    const found = tilesInUse();
    const candidates = tileCandidates(adapter.info.isFallbackAdapter)
      .map((tile) => JSON.stringify(tile));
    for (const tile of Object.values(found)) {
      assert(candidates.includes(JSON.stringify(tile)));
    }
    assertEquals(await readTuning(folder, adapter), found);
    assertEquals(tf.memory().numTensors, before);
    assertDeviceHealthy();
  },
);

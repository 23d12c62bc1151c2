import { assert, assertEquals } from "@std/assert";
import { requestAdapter } from "../../../core/device/adapter.ts";
import {
  assertDeviceHealthy,
  clearDeviceFailure,
  reportDeviceFailure,
} from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import {
  measureTiles,
  readTuning,
  tuneWebGpu,
  tuningFile,
  writeTuning,
} from "../../../core/device/tuning.ts";
import {
  defaultTiles,
  tileCandidates,
  tilesInUse,
  WORKGROUP_TILE,
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
    for (let place = 0; place < whole.length; place++) {
      const bytes = new TextEncoder().encode(whole);
      bytes[place] ^= 1 << place % 7;
      await Deno.writeFile(path, bytes);
      const reasons: string[] = [];
      const tiles = await readTuning(
        folder,
        adapter,
        (reason) => reasons.push(reason),
      );
      assertEquals([tiles, reasons.length], [undefined, 1], `byte ${place}`);
    }
  },
);

test(
  "tuning measures, keeps what it found over a damaged file, and leaks nothing",
  async (adapter, folder) => {
    await Deno.writeTextFile(await tuningFile(folder, adapter), "damaged");
    const before = tf.memory().numTensors;
    const notes: string[] = [];
    await selectBackend("webgpu", {
      tuning: { folder, measure: true, onNote: (note) => notes.push(note) },
    });
    assertEquals(notes.length, 1);
    assert(notes[0].startsWith("what was measured of the GPU is not used: "));
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

test(
  "what is kept holds for the tiles that there were to choose from",
  async (adapter, folder) => {
    await keepOthers(adapter, folder);
    const path = await tuningFile(folder, adapter);
    const { for: identity } = JSON.parse(await Deno.readTextFile(path));
    const candidates = tileCandidates(adapter.info.isFallbackAdapter);
    assert(identity.includes(JSON.stringify(candidates)), identity);
  },
);

/** A tile by which dense products are left unwritten: wrong, and fast. */
const IDLE = { ...WORKGROUP_TILE, depth: 4 };

/** Runs `use` while dense products by {@linkcode IDLE} are not computed. */
async function withIdleTile(use: () => Promise<void>): Promise<void> {
  const kernel = tf.getKernel(tf.BatchMatMul, "webgpu");
  const replace = (kernelFunc: tf.KernelFunc) => {
    tf.unregisterKernel(tf.BatchMatMul, "webgpu");
    tf.registerKernel({ ...kernel, kernelFunc });
  };
  const backend = tf.backend();
  assert(backend instanceof tf.WebGPUBackend);
  const compute = (call: Parameters<tf.KernelFunc>[0]): tf.TensorInfo => {
    const [result] = [kernel.kernelFunc(call)].flat();
    return result;
  };
  // What it leaves unwritten holds the results of the product before.
  let left: tf.TensorInfo | undefined;
  replace((call) => {
    if (!left || tilesInUse().dense !== IDLE) {
      left ??= compute(call);
      return compute(call);
    }
    backend.incRef(left.dataId);
    return left;
  });
  try {
    await use();
  } finally {
    replace(kernel.kernelFunc);
    if (left) backend.disposeData(left.dataId, true);
  }
}

test(
  "tuning drops tiles that no device takes, and those whose results are wrong",
  async (adapter) => {
    await selectBackend("webgpu");
    const software = adapter.info.isFallbackAdapter;
    const [right] = tileCandidates(software);
    const before = tf.memory().numTensors;
    const tooLarge = { ...WORKGROUP_TILE, across: 256, down: 256 };
    const invalid = { ...WORKGROUP_TILE, depth: 6 };
    const impossible = { ...WORKGROUP_TILE, rows: -8 };
    await withIdleTile(async () => {
      const bad = [tooLarge, invalid, impossible];
      const { dense } = await measureTiles(software, [right, IDLE]);
      assertEquals(dense, right);
      for (const candidates of [[right, ...bad], [...bad, right], bad]) {
        assertEquals(
          await measureTiles(software, candidates),
          defaultTiles(software),
        );
      }
    });
    assertEquals(tilesInUse(), defaultTiles(software));
    assertEquals(tf.memory().numTensors, before);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertDeviceHealthy();
    const nines = tf.matMul(tf.ones([9, 9]), tf.ones([9, 9]));
    assertEquals(await tf.sum(nines).array(), 729);
  },
);

test(
  "the defaults stay, and nothing is kept, where measuring fails or the device does",
  async (adapter, folder) => {
    const tuning = { folder, measure: true };
    await selectBackend("webgpu");
    reportDeviceFailure(new Error("it broke"));
    assertEquals(await tuneWebGpu(adapter, tuning), false);
    clearDeviceFailure();
    await tf.setBackend("cpu");
    assertEquals(await tuneWebGpu(adapter, tuning), false);
    assertEquals(tilesInUse(), defaultTiles(adapter.info.isFallbackAdapter));
    assertEquals([...Deno.readDirSync(folder)], []);
  },
);

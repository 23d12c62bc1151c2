import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  adapterName,
  describeAdapter,
  requestAdapter,
} from "../../../core/device/adapter.ts";
import {
  assertDeviceHealthy,
  clearDeviceFailure,
} from "../../../core/device/health.ts";
import { useWebGpu } from "../../../core/device/webgpu.ts";
import * as tf from "../../../core/tf.ts";

const adapter = await requestAdapter();

/** Tests on the adapter of this machine; ignored where there is none. */
function test(name: string, run: (adapter: GPUAdapter) => Promise<void>): void {
  Deno.test({
    name: `${name} (needs a Vulkan driver)`,
    ignore: adapter === null,
    fn: async () => {
      if (adapter) await run(adapter);
    },
  });
}

/** Lets the device tell what went wrong. */
async function hearDevice(): Promise<void> {
  await tf.sum(tf.ones([2000])).data();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

test("describeAdapter gives names, features and limits as plain data", (adapter) => {
  const description = describeAdapter(adapter);
  assertEquals(JSON.parse(JSON.stringify(description)), description);
  assertEquals(description.fallback, adapter.info.isFallbackAdapter);
  assertEquals(description.features.length, adapter.features.size);
  assert(Object.values(description.limits).every((limit) => limit > 0));
  assert(adapterName(adapter).length > 0);
  return Promise.resolve();
});

test("useWebGpu makes a device with the adapter's limits and features", async (adapter) => {
  const device = await useWebGpu(adapter);
  const { limits } = describeAdapter(adapter);
  assertEquals(device.limits.maxBufferSize, limits.maxBufferSize);
  assertEquals(
    device.features.has("shader-f16"),
    adapter.features.has("shader-f16"),
  );
  assertEquals(tf.getBackend(), "webgpu");
  const backend = tf.backend();
  assert(backend instanceof tf.WebGPUBackend && backend.device === device);
  assertDeviceHealthy();
});

test("assertDeviceHealthy throws after a shader that isn't valid", async (adapter) => {
  const device = await useWebGpu(adapter);
  device.createShaderModule({ code: "this is no shader" });
  await hearDevice();
  assertThrows(assertDeviceHealthy, Error, "deno task doctor");
  clearDeviceFailure();
});

test("assertDeviceHealthy throws after a bind group that lacks a binding", async (adapter) => {
  const device = await useWebGpu(adapter);
  const layout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: {} }],
  });
  device.createBindGroup({ layout, entries: [] });
  await hearDevice();
  assertThrows(assertDeviceHealthy, Error, "--backend wasm");
  clearDeviceFailure();
});

test("assertDeviceHealthy throws after the device in use was destroyed", async (adapter) => {
  const device = await useWebGpu(adapter);
  device.destroy();
  await device.lost;
  assertThrows(assertDeviceHealthy, Error, "device was lost");
  clearDeviceFailure();
});

test("useWebGpu replaces a device without calling it a failure", async (adapter) => {
  const replaced = await useWebGpu(adapter);
  const device = await useWebGpu(adapter);
  await replaced.lost;
  await hearDevice();
  assertDeviceHealthy();
  assert(device !== replaced);
  assertEquals(await tf.sum(tf.ones([3000])).array(), 3000);
});

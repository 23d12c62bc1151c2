import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  clearDeviceFailure,
  reportDeviceFailure,
} from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { assertSelfTest, selfTest } from "../../../core/train/self_test.ts";
import * as tf from "../../../core/tf.ts";
import { hasAdapter } from "../../vulkan.ts";
import { withBrokenKernel } from "./broken_kernel.ts";

Deno.test("selfTest compares logits, all losses and gradients by all weights of two models, and of a row, within tolerance on Wasm", async () => {
  await selectBackend("wasm");
  const { backend, passed, tolerance, quantities } = await selfTest();
  assertEquals([backend, passed], ["wasm", true]);
  const names = quantities.map(({ name }) => name);
  assertEquals(names.length, 7 + 8 + (7 + 12 + 6) + (1 + 8));
  assert(names.includes("logits") && names.includes("logit-mse"));
  assert(names.includes("gradient of cross-entropy by conv2 kernel"));
  assert(
    names.includes(
      "gradient of cross-entropy by compact depth1 kernel's steps",
    ),
  );
  assert(names.includes("gradient by row's depth1 kernel"));
  assert(quantities.every(({ error }) => error <= tolerance));
  assert(quantities.some(({ error }) => error > 0), "rounding differs");
});

Deno.test("selfTest leaves the backend in use and no tensor", async () => {
  await selectBackend("wasm");
  const before = tf.memory().numTensors;
  await selfTest();
  assertEquals(tf.memory().numTensors, before);
  assertEquals(tf.getBackend(), "wasm");
});

Deno.test({
  name: "selfTest passes on WebGPU (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const { backend, passed, quantities } = await selfTest();
    assertEquals([backend, passed], ["webgpu", true]);
    assert(quantities.some(({ error }) => error > 0), "rounding differs");
  },
});

for (
  const [kernel, value, quantity] of [
    ["RetortBiasRelu", 0, "is off by"],
    ["RetortBiasRelu", NaN, "is off by Infinity"],
    [tf.Conv2DBackpropFilter, 0, "kernel is off by 1.0"],
    [tf.Conv2DBackpropInput, Infinity, "conv1 kernel is off by Infinity"],
    ["RetortMaxPoolScatter", 0, "is off by 1.0"],
    ["RetortColumnSum", 0, "bias is off by 1.0"],
    ["RetortConvReluMaxPoolGradient", 0, "kernel is off by 1.0"],
    [tf.AvgPool, NaN, "is off by Infinity"],
    [tf.DepthwiseConv2dNative, 0, "is off by"],
    ["RetortQuantiseUniform", 0, "is off by"],
    ["RetortQuantiseUniformGradient", 0, "is off by 1.0"],
    ["RetortRowGradient", 0, "gradient by row's "],
  ] as const
) {
  Deno.test(`assertSelfTest throws when ${kernel} gives ${value} everywhere`, async () => {
    await selectBackend("wasm");
    await withBrokenKernel(kernel, value, async () => {
      const { message } = await assertRejects(() => assertSelfTest(), Error);
      assert(message.startsWith("Cannot trust the wasm backend"), message);
      assert(message.includes(quantity), message);
      assert(message.includes("--backend cpu"), message);
    });
    assertEquals(tf.getBackend(), "wasm");
    await assertSelfTest();
  });
}

Deno.test("selfTest throws when the device has failed", async () => {
  await selectBackend("wasm");
  reportDeviceFailure(new Error("the GPU device was lost"));
  await assertRejects(() => selfTest(), Error, "device was lost");
  clearDeviceFailure();
});

import { assert } from "@std/assert";
import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { BLOCK_COMPARISONS } from "./block_comparisons.ts";

Deno.test({
  name:
    "a product by blocks and its gradients equal the CPU backend's, on WebGPU (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    assert(tf.getKernel("RetortBlockMatMul", "webgpu"));
    await assertParity(BLOCK_COMPARISONS);
    assertDeviceHealthy();
  },
});

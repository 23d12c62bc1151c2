import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { assertParity, type Comparison } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";
import {
  biasReluMaxPools,
  biasRelus,
  columnSums,
  dropouts,
  mixedLosses,
  optimiserSteps,
} from "../fused_comparisons.ts";

/** Compares our kernels on WebGPU with tfjs's operations on its CPU backend. */
function test(name: string, comparisons: () => Comparison[]): void {
  Deno.test({
    name: `${name} on WebGPU equal the CPU's (needs a Vulkan driver)`,
    ignore: !hasAdapter,
    fn: async () => {
      await selectBackend("webgpu");
      await assertParity(comparisons());
      assertDeviceHealthy();
    },
  });
}

test("dropout and its gradient", dropouts);
test("bias, relu and dropout and their gradients", biasRelus);
test(
  "bias, relu, max-pooling and dropout and their gradients",
  biasReluMaxPools,
);
test("column sums", columnSums);
test("mixed losses and their gradient", mixedLosses);
test("steps of every optimiser", optimiserSteps);

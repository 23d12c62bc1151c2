import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { assertParity, type Comparison } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";

/** Compares WebGPU, software adapters included, with the CPU backend. */
export function testParity(
  name: string,
  comparisons: () => Comparison[],
): void {
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

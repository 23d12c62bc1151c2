import { assertDeviceHealthy } from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { hasAdapter } from "../../vulkan.ts";
import { RULES } from "./unknown_numbers.ts";

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  for (const { name, check } of RULES) {
    const needs = backend === "webgpu" ? " (needs a Vulkan driver)" : "";
    Deno.test({
      name: `${name} on ${backend}${needs}`,
      ignore: backend === "webgpu" && !hasAdapter,
      fn: async () => {
        await selectBackend(backend);
        await check();
        assertDeviceHealthy();
      },
    });
  }
}

import { selectBackend } from "../../../core/device/select_backend.ts";
import { hasAdapter } from "../../vulkan.ts";

/** Runs `test` on each backend; on WebGPU where there is an adapter. */
export function testOnEveryBackend(
  name: string,
  test: () => void | Promise<void>,
): void {
  for (const backend of ["cpu", "wasm", "webgpu"] as const) {
    Deno.test({
      name: `${name} (${backend})`,
      ignore: backend === "webgpu" && !hasAdapter,
      fn: async () => {
        await selectBackend(backend);
        await test();
      },
    });
  }
}

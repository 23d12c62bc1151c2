import {
  type AdapterDescription,
  describeAdapter,
  requestAdapter,
} from "../../../core/device/adapter.ts";
import { useWebGpu } from "../../../core/device/webgpu.ts";

/** Storage buffers that a shader of Chromium may bind on most of today's GPUs. */
export const FEW_BINDINGS = 10;

/**
 * Makes WebGPU the current backend on a device that lets a shader bind no more
 * storage buffers than browsers do, though the adapter here has more to give.
 */
export async function useFewBindings(): Promise<GPUDevice> {
  const adapter = await requestAdapter();
  if (!adapter) throw new Error("There is no adapter");
  const limits: AdapterDescription["limits"] = {
    ...describeAdapter(adapter).limits,
    maxStorageBuffersPerShaderStage: FEW_BINDINGS,
  };
  const limited = new Proxy(adapter, {
    get: (target, key) => {
      if (key === "limits") return limits;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return await useWebGpu(limited);
}

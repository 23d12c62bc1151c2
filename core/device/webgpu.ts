import * as tf from "../tf.ts";
import { registerWebGpuKernels } from "../kernels/webgpu/register.ts";
import { defaultTiles, useTiles } from "../kernels/webgpu/tile.ts";
import { adapterName, describeAdapter } from "./adapter.ts";
import {
  clearDeviceFailure,
  DeviceError,
  reportDeviceFailure,
} from "./health.ts";
import { ProvingBackend } from "./proving_backend.ts";

const BACKEND = "webgpu";
/** Features that our kernels and measurements use where they exist. */
const FEATURES = ["timestamp-query", "shader-f16"] as const;

/** The device behind tfjs's backend; one that we replaced may die in peace. */
let deviceInUse: GPUDevice | undefined;

/**
 * Takes the WebGPU backend out of tfjs: its own registration asks for a device
 * without looking whether there is an adapter, and without listening to it. A
 * device of ours is destroyed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { removeWebGpu } from "./webgpu.ts";
 * import * as tf from "../tf.ts";
 *
 * removeWebGpu();
 * assertEquals(tf.findBackendFactory("webgpu"), null);
 * ```
 */
export function removeWebGpu(): void {
  if (tf.findBackendFactory(BACKEND)) tf.removeBackend(BACKEND);
  const replaced = deviceInUse;
  deviceInUse = undefined;
  replaced?.destroy();
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      label: "retort",
      requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
      requiredLimits: describeAdapter(adapter).limits,
    });
  } catch (cause) {
    throw new Error(
      `Cannot use WebGPU: ${
        adapterName(adapter)
      } gave no device: update its driver, or pass --backend wasm`,
      { cause },
    );
  }
}

/** Reports whatever goes wrong on `device` while it is in use. */
function watch(device: GPUDevice): void {
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    if (device !== deviceInUse || !(event instanceof GPUUncapturedErrorEvent)) {
      return;
    }
    const { error } = event;
    reportDeviceFailure(
      new DeviceError(
        error instanceof GPUOutOfMemoryError
          ? `Cannot go on: the GPU is out of memory: use a smaller batch, or pass --backend wasm: ${error.message}`
          : `Cannot trust the GPU's results: its device reported an error: run \`deno task doctor\`, update the driver, or pass --backend wasm: ${error.message}`,
      ),
    );
  });
  device.lost.then(({ reason, message }) => {
    if (device !== deviceInUse) return;
    reportDeviceFailure(
      new DeviceError(
        `Cannot go on: the GPU device was lost (${reason}): start the same command again, or pass --backend wasm: ${message}`,
      ),
    );
  });
}

/**
 * Makes WebGPU on `adapter` the current backend, over a device of our own under
 * tfjs's name: with `timestamp-query` and `shader-f16` where the adapter has
 * them, with its limits for compute shaders, and with our kernels.
 *
 * From then on `assertDeviceHealthy` throws once the device is lost or reports
 * an error that nobody captured, and a tensor can be read only where the device has
 * done all that it was sent. Earlier failures are forgotten. A device that was in
 * use is destroyed, and tensors on it are gone.
 *
 * Throws an `Error` if the adapter gives no device. Returns the device.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { requestAdapter } from "./adapter.ts";
 * import { useWebGpu } from "./webgpu.ts";
 * import * as tf from "../tf.ts";
 *
 * const adapter = await requestAdapter();
 * if (adapter) {
 *   await useWebGpu(adapter);
 *   assertEquals(await tf.sum(tf.ones([8])).array(), 8);
 * }
 * ```
 */
export async function useWebGpu(adapter: GPUAdapter): Promise<GPUDevice> {
  removeWebGpu();
  const device = await requestDevice(adapter);
  tf.registerBackend(BACKEND, () => new ProvingBackend(device, adapter.info));
  if (!await tf.setBackend(BACKEND)) {
    tf.removeBackend(BACKEND);
    device.destroy();
    throw new Error(
      "Cannot use WebGPU: tfjs could not start on the device: run `deno task doctor`, or pass --backend wasm",
    );
  }
  registerWebGpuKernels();
  useTiles(defaultTiles(adapter.info.isFallbackAdapter));
  deviceInUse = device;
  clearDeviceFailure();
  watch(device);
  return device;
}

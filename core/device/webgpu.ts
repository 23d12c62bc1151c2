import { registerWebGpuKernels } from "../kernels/webgpu/register.ts";
import { defaultTiles, useTiles } from "../kernels/webgpu/tile.ts";
import * as tf from "../tf.ts";
import { adapterName, describeAdapter } from "./adapter.ts";
import {
  clearDeviceFailure,
  DeviceError,
  explainDeviceFailure,
  reportDeviceFailure,
} from "./health.ts";

const TALLY_BYTES = 4;
/** Numerical Recipes' generator: of full period over 32 bits, so that no count comes twice. */
const [FACTOR, INCREMENT] = [1664525, 1013904223];
const ADVANCE = `
@group(0) @binding(0) var<storage, read_write> tally: u32;
@compute @workgroup_size(1) fn main() { tally = tally * ${FACTOR}u + ${INCREMENT}u; }
`;

/** A readback's tally: what it must be, and the buffer that it comes in. */
interface Proof {
  wanted: number;
  staging: GPUBuffer;
}

/**
 * tfjs's WebGPU backend, which proves with every readback that the device has done
 * all that it was sent: each submission also moves on a number that the device keeps,
 * begun at random, and each readback brings that number along. A driver that drops
 * work without a word leaves zeros, or results of earlier work, and would else end in
 * a model that nothing has trained.
 *
 * A dispatch of one invocation a submission, and no round trip of its own: next to
 * the fifteen kernels that a submission holds it costs nothing that can be measured.
 *
 * A readback throws a {@linkcode DeviceError} where work was dropped, or the device
 * has failed otherwise.
 */
class ProvingBackend extends tf.WebGPUBackend {
  #pipeline: GPUComputePipeline;
  #bindGroup: GPUBindGroup;
  #tally: GPUBuffer;
  /** What the tally is once all is done that has been submitted. */
  #wanted = 0;
  /** Whether what is submitted next is to bring the tally along. */
  #reading = false;
  #proof?: Proof;
  #idle: GPUBuffer[] = [];

  /** A backend on `device`; `info` is that of its adapter. */
  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    this.#tally = device.createBuffer({
      label: "tally",
      size: TALLY_BYTES,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC |
        GPUBufferUsage.COPY_DST,
    });
    this.#pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code: ADVANCE }) },
    });
    this.#bindGroup = device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: this.#tally } }],
    });
    this.#begin();
  }

  /** Begins the tally anew. */
  #begin(): void {
    const start = crypto.getRandomValues(new Uint32Array(1));
    this.queue.writeBuffer(this.#tally, 0, start);
    this.#wanted = start[0];
  }

  /** The commands that are about to be submitted. */
  #commands(): GPUCommandEncoder {
    const encoder: unknown = Reflect.get(this, "commandEncoder");
    if (encoder instanceof GPUCommandEncoder) return encoder;
    throw new Error(
      "Cannot submit work: tfjs's backend must have a `commandEncoder`: use the version of tfjs that core/tf.ts names",
    );
  }

  override submitQueue(): void {
    const commands = this.#commands();
    const pass = commands.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    this.#wanted = (Math.imul(this.#wanted, FACTOR) + INCREMENT) >>> 0;
    if (this.#reading) {
      const staging = this.#idle.pop() ?? this.device.createBuffer({
        label: "tally",
        size: TALLY_BYTES,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      commands.copyBufferToBuffer(this.#tally, 0, staging, 0, TALLY_BYTES);
      this.#proof = { wanted: this.#wanted, staging };
      this.#reading = false;
    }
    super.submitQueue();
  }

  async #check({ wanted, staging }: Proof): Promise<void> {
    await staging.mapAsync(GPUMapMode.READ);
    const [found] = new Uint32Array(staging.getMappedRange());
    staging.unmap();
    this.#idle.push(staging);
    if (found === wanted) return;
    this.#begin(); // Or whoever tries again would hear of the same loss for ever.
    throw new DeviceError(
      "Cannot trust the GPU's results: its device must do all that it is sent: it has dropped some of it; run `deno task doctor`, update the driver, or pass --backend wasm",
    );
  }

  override async getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer> {
    try {
      this.#reading = true;
      const data = super.getBufferData(buffer); // Has submitted by the time it returns.
      const proof = this.#proof;
      this.#proof = undefined;
      const [bytes] = await Promise.all([data, proof && this.#check(proof)]);
      return bytes;
    } catch (error) {
      throw await explainDeviceFailure(error);
    }
  }
}

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

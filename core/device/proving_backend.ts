import * as tf from "../tf.ts";
import { DeviceError, explainDeviceFailure } from "./health.ts";

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
export class ProvingBackend extends tf.WebGPUBackend {
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

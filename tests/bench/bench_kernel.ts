import { requestAdapter } from "../../core/device/adapter.ts";
import { useWasm } from "../../core/device/wasm.ts";
import { useWebGpu } from "../../core/device/webgpu.ts";
import * as tf from "../../core/tf.ts";

/** What a kernel returns; all of it is disposed of. */
type Result = tf.Tensor | tf.Tensor[];

/** A kernel's two forms, on inputs that lie on the device. */
export interface Contest {
  retort: () => Result;
  /** Stock tfjs's; undefined where the backend has none. */
  stock?: () => Result;
}

const adapter = await requestAdapter();
const BACKENDS = adapter ? ["webgpu", "wasm"] as const : ["wasm"] as const;

/** tfjs's own kernels, from before ours are registered over them. */
const STOCK = new Map<string, tf.KernelConfig>(
  BACKENDS.flatMap((backend) =>
    tf.getKernelsForBackend(backend).map((kernel) =>
      [`${backend} ${kernel.kernelName}`, kernel] as const
    )
  ),
);
if (adapter) await useWebGpu(adapter);
await useWasm();

/** Runs tfjs's own kernel called `name` of the current backend; undefined where it has none. */
export function stockKernel(
  name: string,
  inputs: tf.NamedTensorMap,
  attrs: tf.NamedAttrMap,
): (() => tf.Tensor[]) | undefined {
  const kernel = STOCK.get(`${tf.getBackend()} ${name}`);
  if (!kernel) return undefined;
  return () => {
    const backend = tf.engine().backend;
    const outputs = kernel.kernelFunc({ inputs, backend, attrs });
    return (Array.isArray(outputs) ? outputs : [outputs]).map((output) =>
      tf.engine().makeTensorFromTensorInfo(output)
    );
  };
}

/** Waits until `result` has been computed, by one of its numbers, and frees it. */
async function finish(result: Result): Promise<void> {
  const [first] = Array.isArray(result) ? result : [result];
  const number = tf.tidy(() =>
    tf.slice(tf.reshape(first, [first.size]), [0], [1])
  );
  await number.data();
  tf.dispose([result, number]);
}

/**
 * Benchmarks of what `prepare` makes, on every backend that is there, tfjs's own
 * kernel as the baseline. A run ends with one number's readback: 11 ms on WebGPU.
 */
export function benchKernel(
  name: string,
  prepare: () => Contest,
  { slow = false }: {
    /** Whether the stock kernel takes seconds: it then runs five times only. */
    slow?: boolean;
  } = {},
): void {
  for (const backend of BACKENDS) {
    let contest: Contest | undefined;
    const bench = (side: keyof Contest) => {
      Deno.bench({
        name: `${name}, ${backend}, ${side}`,
        group: `${name}, ${backend}`,
        baseline: side === "stock",
        ...(slow && side === "stock" ? { n: 5, warmup: 1 } : {}),
        async fn(timer) {
          await tf.setBackend(backend);
          contest ??= prepare();
          const work = contest[side];
          if (!work) throw new Error(`${backend} has no such kernel`);
          timer.start();
          await finish(work());
          timer.end();
        },
      });
    };
    if (hasStock(backend, name)) bench("stock");
    bench("retort");
  }
}

/** Kernels that stock tfjs's Wasm backend lacks, by the names of their benchmarks. */
const MISSING_ON_WASM = ["conv2d filter gradient", "max-pool gradient"];

function hasStock(backend: string, name: string): boolean {
  return backend !== "wasm" || !MISSING_ON_WASM.includes(name);
}

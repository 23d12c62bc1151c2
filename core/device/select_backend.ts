import { adapterName, requestAdapter } from "./adapter.ts";
import { useCpu } from "./cpu.ts";
import { clearDeviceFailure } from "./health.ts";
import { tuneWebGpu, type TuningOptions } from "./tuning.ts";
import { useWasm } from "./wasm.ts";
import { removeWebGpu, useWebGpu } from "./webgpu.ts";

/** A backend by name, or the fastest that is expected to work. */
export type BackendChoice = "auto" | "webgpu" | "wasm" | "cpu";

/** Which backend computes, and why. */
export interface BackendInUse {
  /** Its name in tfjs. */
  name: "webgpu" | "wasm" | "cpu";
  /** The WebGPU adapter's name; null on the other backends. */
  adapter: string | null;
  /** One line for the user. */
  reason: string;
}

/** How a backend is selected. */
export interface SelectOptions {
  /**
   * Where a WebGPU adapter's tuning is kept; its defaults are used unless
   * given.
   */
  tuning?: TuningOptions;
}

async function selectWebGpu(
  { tuning }: SelectOptions,
): Promise<BackendInUse> {
  const adapter = await requestAdapter();
  if (!adapter) {
    throw new Error(
      "Cannot use WebGPU: no adapter was found: install a Vulkan driver (Debian, Ubuntu: apt-get install mesa-vulkan-drivers), or pass --backend wasm",
    );
  }
  await useWebGpu(adapter);
  if (tuning) await tuneWebGpu(adapter, tuning);
  const name = adapterName(adapter);
  const kind = adapter.info.isFallbackAdapter ? "software" : "hardware";
  return {
    name: "webgpu",
    adapter: name,
    reason: `webgpu: asked for, on the ${kind} adapter ${name}`,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Wasm, or CPU if that can't start; `why` says what speaks against WebGPU. */
async function selectWithoutAdapter(why: string): Promise<BackendInUse> {
  try {
    await useWasm();
    return { name: "wasm", adapter: null, reason: `wasm: ${why}` };
  } catch (error) {
    await useCpu();
    const cause = error instanceof Error ? error.message : String(error);
    const reason = `cpu: ${why}, and the Wasm backend could not start: ${
      oneLine(cause)
    }`;
    return { name: "cpu", adapter: null, reason };
  }
}

/**
 * WebGPU on a hardware adapter, else Wasm, else CPU. A software adapter isn't
 * taken: the Wasm backend's kernels use the same processor better.
 */
async function selectFastest(
  { tuning }: SelectOptions,
): Promise<BackendInUse> {
  const adapter = await requestAdapter();
  if (!adapter) return selectWithoutAdapter("no WebGPU adapter was found");
  const name = adapterName(adapter);
  if (adapter.info.isFallbackAdapter) {
    return selectWithoutAdapter(
      `the only WebGPU adapter is software (${name})`,
    );
  }
  try {
    await useWebGpu(adapter);
  } catch {
    return selectWithoutAdapter(`${name} gave no WebGPU device`);
  }
  if (tuning) await tuneWebGpu(adapter, tuning);
  return {
    name: "webgpu",
    adapter: name,
    reason: `webgpu: hardware adapter ${name}`,
  };
}

/**
 * Makes the backend that `choice` names the current one, and says which it is
 * and why in one line.
 *
 * `auto` takes WebGPU on a hardware adapter, else Wasm, else CPU; a software
 * adapter is used only where `webgpu` is asked for. Earlier failures of a
 * device are forgotten, and tensors on an earlier WebGPU device are gone.
 *
 * With `tuning`, products on WebGPU are cut up as was measured to be fastest on
 * the adapter; without, as suits most adapters of its kind.
 *
 * Throws a `RangeError` for another choice, and an `Error` that says what to
 * install or use instead if the backend asked for can't start.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "./select_backend.ts";
 *
 * const backend = await selectBackend("wasm");
 * assertEquals(backend.reason, "wasm: asked for");
 * ```
 */
export async function selectBackend(
  choice: BackendChoice,
  options: SelectOptions = {},
): Promise<BackendInUse> {
  removeWebGpu();
  clearDeviceFailure();
  switch (choice) {
    case "auto":
      return await selectFastest(options);
    case "webgpu":
      return await selectWebGpu(options);
    case "wasm":
      await useWasm();
      return { name: "wasm", adapter: null, reason: "wasm: asked for" };
    case "cpu":
      await useCpu();
      return { name: "cpu", adapter: null, reason: "cpu: asked for" };
    default:
      throw new RangeError(
        `Cannot select a backend: it must be auto, webgpu, wasm or cpu: current value is ${choice}`,
      );
  }
}

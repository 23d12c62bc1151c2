/** The limits that bound what a compute shader can do, in bytes and counts. */
export type ComputeLimit =
  | "maxBufferSize"
  | "maxStorageBufferBindingSize"
  | "maxStorageBuffersPerShaderStage"
  | "maxComputeWorkgroupStorageSize"
  | "maxComputeInvocationsPerWorkgroup"
  | "maxComputeWorkgroupSizeX"
  | "maxComputeWorkgroupSizeY"
  | "maxComputeWorkgroupSizeZ"
  | "maxComputeWorkgroupsPerDimension";

/** A WebGPU adapter as plain data. */
export interface AdapterDescription {
  /** Who made it, as the driver tells; a number for Mesa. */
  vendor: string;
  /** Its family; may be empty. */
  architecture: string;
  /** Its model, a vendor's identifier; may be empty. */
  device: string;
  /** Its name for people; may be empty. */
  description: string;
  /** Whether the processor does the adapter's work: a software driver. */
  fallback: boolean;
  /** Optional features, sorted. */
  features: string[];
  /** Bytes and counts that bound compute shaders. */
  limits: Record<ComputeLimit, number>;
}

/**
 * Gives Mesa the folder it asks for, where none is set: without one it prints
 * an error of no consequence whenever an adapter is requested.
 */
async function silenceMesa(): Promise<void> {
  if (!("Deno" in globalThis) || Deno.build.os !== "linux") return;
  const name = "env";
  for (const variable of ["XDG_RUNTIME_DIR", "TMPDIR"]) {
    const { state } = await Deno.permissions.query({ name, variable });
    if (state !== "granted") return;
  }
  if (Deno.env.get("XDG_RUNTIME_DIR")) return;
  Deno.env.set("XDG_RUNTIME_DIR", Deno.env.get("TMPDIR") ?? "/tmp");
}

/**
 * The WebGPU adapter to compute on, the fastest where there are several; null
 * where the runtime has no WebGPU or the machine no driver.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { requestAdapter } from "./adapter.ts";
 *
 * const adapter = await requestAdapter();
 * assert(adapter === null || adapter.limits.maxBufferSize > 0);
 * ```
 */
export async function requestAdapter(): Promise<GPUAdapter | null> {
  if (!("gpu" in navigator)) return null;
  await silenceMesa();
  return await navigator.gpu.requestAdapter({
    powerPreference: "high-performance",
  });
}

/**
 * What `adapter` says of itself, as plain data.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeAdapter, requestAdapter } from "./adapter.ts";
 *
 * const adapter = await requestAdapter();
 * if (adapter) {
 *   const description = describeAdapter(adapter);
 *   assertEquals(JSON.parse(JSON.stringify(description)), description);
 * }
 * ```
 */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { info, limits, features } = adapter;
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    fallback: info.isFallbackAdapter,
    features: [...features].toSorted(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup:
        limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  };
}

/**
 * A name for `adapter` in one line: its description, or what else it tells.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { adapterName, requestAdapter } from "./adapter.ts";
 *
 * const adapter = await requestAdapter();
 * assert(adapter === null || adapterName(adapter).length > 0);
 * ```
 */
export function adapterName({ info }: GPUAdapter): string {
  const { vendor, architecture, device, description } = info;
  const parts = [vendor, architecture, device].filter((part) => part !== "");
  return description || parts.join(" ") || "unnamed adapter";
}

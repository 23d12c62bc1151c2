import { adapterName } from "../../device/adapter.ts";
import {
  clearDeviceFailure,
  reportDeviceFailure,
} from "../../device/health.ts";
import * as tf from "../../tf_core.ts";

/** WebGPU as tfjs's current backend. */
export interface PageWebGpu {
  /** The adapter's name. */
  adapter: string;
  /** Whether the processor does its work. */
  software: boolean;
  /** What became of the device, once it failed. */
  lost: Promise<Error>;
}

let running: { webgpu: PageWebGpu; device: GPUDevice } | undefined;

/** The adapter; throws an `Error` that says in a few words why there is none. */
export async function findAdapter(): Promise<GPUAdapter> {
  if (!("gpu" in navigator)) {
    throw new Error(
      Reflect.get(globalThis, "isSecureContext") === false
        ? "a page that isn't served over HTTPS has no WebGPU"
        : "this browser has no WebGPU",
    );
  }
  const adapter = await navigator.gpu.requestAdapter({
    powerPreference: "high-performance",
  });
  if (adapter) return adapter;
  throw new Error("this browser found no WebGPU adapter");
}

/** Whether the processor does the work of `adapter`; older browsers don't say. */
export function isSoftware({ info }: { info?: GPUAdapterInfo }): boolean {
  return info?.isFallbackAdapter ?? false;
}

/** The largest sizes that `limits` allow, as tfjs asks for them. */
function computeLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  };
}

/** Says once what goes wrong on `device`, to whom it may concern. */
function watch(device: GPUDevice, name: string): Promise<Error> {
  return new Promise((resolve) => {
    const fail = (what: string) => {
      const error = new Error(what);
      resolve(error);
      // The results of a later device, or another backend, are as good as before.
      if (running?.device !== device) return;
      running = undefined;
      if (tf.getBackend() === "webgpu") reportDeviceFailure(error);
    };
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      fail(`WebGPU on ${name} reported an error`);
    });
    device.lost.then(() => fail(`WebGPU on ${name} was lost`));
  });
}

/**
 * Makes WebGPU on `adapter` tfjs's current backend: the device that is running, if
 * one is. Throws an `Error` that says in a few words why it can't.
 */
export async function startWebGpu(adapter: GPUAdapter): Promise<PageWebGpu> {
  if (running) {
    await tf.setBackend("webgpu");
    return running.webgpu;
  }
  const name = "info" in adapter ? adapterName(adapter) : "a GPU";
  const { WebGPUBackend } = await import("../../tf_webgpu.ts");
  const device = await adapter.requestDevice({
    requiredLimits: computeLimits(adapter.limits),
  }).catch(() => {
    throw new Error(`${name} gave no WebGPU device`);
  });
  if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new WebGPUBackend(device, adapter.info));
  await tf.setBackend("webgpu");
  clearDeviceFailure();
  const webgpu = {
    adapter: name,
    software: isSoftware(adapter),
    lost: watch(device, name),
  };
  running = { webgpu, device };
  return webgpu;
}

import { requestAdapter } from "../core/device/adapter.ts";

/**
 * Whether WebGPU finds an adapter here; tests that need one pass
 * `ignore: !hasAdapter` and say so in their names.
 */
export const hasAdapter: boolean = await requestAdapter() !== null;

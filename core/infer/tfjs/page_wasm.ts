import { clearDeviceFailure } from "../../device/health.ts";
import * as tf from "../../tf_core.ts";

/** The only one of tfjs's binaries that pages use. */
const WASM_FILE = "tfjs-backend-wasm-simd.wasm";

/** The backend, with the binary in the folder `wasmPath`. */
async function loadBackend(wasmPath: string): Promise<tf.KernelBackend> {
  const { BackendWasm, init, setWasmPaths } = await import("../../tf_wasm.ts");
  if (!await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) {
    throw new Error("this browser's WebAssembly has no SIMD");
  }
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  try {
    setWasmPaths(wasmPath); // Throws, too, where an earlier try has failed.
    const { wasm } = await init();
    return new BackendWasm(wasm);
  } catch (cause) {
    throw new Error(`${WASM_FILE} could not be loaded`, { cause });
  }
}

/**
 * Makes tfjs's Wasm backend the current one, from `WASM_FILE` in the folder
 * `wasmPath`: without threads, which for models this small cost more than they
 * give. Throws an `Error` that says in a few words why it can't.
 */
export async function startWasm(wasmPath: string): Promise<void> {
  if (!tf.findBackendFactory("wasm")) {
    const backend = await loadBackend(wasmPath);
    tf.registerBackend("wasm", () => backend);
  }
  await tf.setBackend("wasm");
  clearDeviceFailure();
}

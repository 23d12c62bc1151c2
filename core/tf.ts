/**
 * The only module that imports tfjs and its backends.
 *
 * Everything else in `core/` takes tfjs from here, so that its version, and the
 * set of backends that exist, are decided in one place.
 *
 * @module
 */
import * as tfjs from "npm:@tensorflow/tfjs@4.22.0";
import { npmModuleFolder } from "./files/npm_folder.ts";

export * from "npm:@tensorflow/tfjs@4.22.0";
export { WebGPUBackend } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
export {
  BackendWasm,
  setWasmPaths,
} from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

const makeCpuBackend = tfjs.findBackendFactory("cpu");

/**
 * The CPU backend, written to once while tfjs keeps quiet: otherwise its first
 * write prints an advertisement for Node bindings, which Deno can't use.
 */
function makeQuietCpuBackend(): ReturnType<typeof makeCpuBackend> {
  const backend = makeCpuBackend();
  if (backend instanceof Promise) return backend;
  const quiet = tfjs.env().getBool("PROD");
  tfjs.env().set("PROD", true);
  backend.disposeData(backend.write(new Float32Array(1), [1], "float32"));
  tfjs.env().set("PROD", quiet);
  return backend;
}

tfjs.removeBackend("cpu");
tfjs.registerBackend("cpu", makeQuietCpuBackend);

/** Numbers of any shape on the current backend: tfjs's own type. */
export type Tensor = tfjs.Tensor;

/** Whether `value` is one of tfjs's tensors. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof tfjs.Tensor;
}

/** A tensor of shape `[n]`: tfjs's own type. */
export type Tensor1D = tfjs.Tensor1D;

/** A tensor of shape `[rows, columns]`: tfjs's own type. */
export type Tensor2D = tfjs.Tensor2D;

/** A model of tfjs's layers, which stock tfjs saves, loads and runs: its own type. */
export type LayersModel = tfjs.LayersModel;

/** Folder that holds tfjs's `.wasm` binaries, with a slash at its end. */
export function wasmBinaryFolder(): string {
  return npmModuleFolder(
    "@tensorflow/tfjs-backend-wasm",
    "tf-backend-wasm.node.js",
  );
}

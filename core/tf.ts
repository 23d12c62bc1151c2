/**
 * The only module that imports tfjs and its backends.
 *
 * Everything else in `core/` takes tfjs from here, so that its version, and the
 * set of backends that exist, are decided in one place.
 *
 * @module
 */
import { npmModuleFolder } from "./files/npm_folder.ts";

export * from "npm:@tensorflow/tfjs@4.22.0";
export { WebGPUBackend } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
export {
  BackendWasm,
  setWasmPaths,
} from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

/** Folder that holds tfjs's `.wasm` binaries, with a slash at its end. */
export function wasmBinaryFolder(): string {
  return npmModuleFolder(
    "@tensorflow/tfjs-backend-wasm",
    "tf-backend-wasm.node.js",
  );
}

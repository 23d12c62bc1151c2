import { dirname, join } from "@std/path";
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";

/** tfjs's WebAssembly that pages ask for: every browser of today has SIMD. */
const BINARY = "tfjs-backend-wasm-simd.wasm";

/** Copies tfjs's WebAssembly into the app's `static/wasm/`, as it is installed. */
export async function copyWasm(root: string): Promise<void> {
  const folder = join(root, "static", "wasm");
  await mkdir(folder, { recursive: true });
  const { resolve } = createRequire(import.meta.url);
  const installed = dirname(resolve("@tensorflow/tfjs-backend-wasm"));
  await copyFile(join(installed, BINARY), join(folder, BINARY));
}

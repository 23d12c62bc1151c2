import { dirname, join } from "@std/path";
import { createRequire } from "node:module";
import { removeLeftovers } from "../../core/files/temporary_file.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";

/** tfjs's WebAssembly that pages ask for: every browser of today has SIMD. */
const BINARY = "tfjs-backend-wasm-simd.wasm";

/** Whether the file at `path` has the bytes `wanted`. */
async function holds(path: string, wanted: Uint8Array): Promise<boolean> {
  try {
    const bytes = await Deno.readFile(path);
    return bytes.length === wanted.length &&
      bytes.every((byte, index) => byte === wanted[index]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Copies tfjs's WebAssembly into the app's `static/wasm/`, as it is installed:
 * whole, and only where it isn't there, since a server may be reading it. What
 * killed commands have left beside it is removed: the site would serve that too.
 */
export async function copyWasm(root: string): Promise<void> {
  const folder = join(root, "static", "wasm");
  const { resolve } = createRequire(import.meta.url);
  const installed = dirname(resolve("@tensorflow/tfjs-backend-wasm"));
  const bytes = await Deno.readFile(join(installed, BINARY));
  await Deno.mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  if (await holds(join(folder, BINARY), bytes)) return;
  await writeAtomically(join(folder, BINARY), bytes);
}

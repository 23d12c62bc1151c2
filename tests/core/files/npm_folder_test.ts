import { assert, assertThrows } from "@std/assert";
import { npmModuleFolder } from "../../../core/files/npm_folder.ts";
import { wasmBinaryFolder } from "../../../core/tf.ts";

Deno.test("npmModuleFolder finds the folder that holds tfjs's Wasm binaries", async () => {
  const folder = wasmBinaryFolder();
  const binary = await Deno.stat(`${folder}tfjs-backend-wasm-simd.wasm`);
  assert(binary.size > 100_000);
});

Deno.test("npmModuleFolder says so when a package has not been imported", () => {
  assertThrows(
    () => npmModuleFolder("@tensorflow/tfjs-node", "index.js"),
    Error,
    "Cannot find npm package @tensorflow/tfjs-node",
  );
});

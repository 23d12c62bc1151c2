import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { registerFusedWasmKernels } from "../../../../core/kernels/wasm/register_fused.ts";
import * as tf from "../../../../core/tf.ts";

Deno.test("registerFusedWasmKernels does nothing the second time", async () => {
  await useWasm();
  const kernel = tf.getKernel("RetortAdam", "wasm");
  registerFusedWasmKernels();
  assert(kernel);
  assertEquals(tf.getKernel("RetortAdam", "wasm"), kernel);
});

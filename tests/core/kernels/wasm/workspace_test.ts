import { assertEquals, assertThrows } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { asWasmBackend } from "../../../../core/kernels/wasm/heap.ts";
import { withWorkspace } from "../../../../core/kernels/wasm/heap.ts";
import * as tf from "../../../../core/tf.ts";

Deno.test("withWorkspace gives parts that don't overlap, and frees them, even after an error", async () => {
  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const before = backend.numDataIds();
  const parts = withWorkspace(backend, [100, 0, 4], (...parts) => parts);
  assertEquals(parts.map((part) => part % 64), [0, 0, 0]);
  assertEquals(parts.map((part) => part - parts[0]), [0, 128, 128]);
  assertThrows(
    () =>
      withWorkspace(backend, [8], () => {
        throw new RangeError("no");
      }),
    RangeError,
    "no",
  );
  assertEquals(backend.numDataIds(), before);
});

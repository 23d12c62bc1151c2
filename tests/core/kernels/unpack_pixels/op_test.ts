import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { unpackPixels } from "../../../../core/kernels/unpack_pixels/op.ts";
import * as tf from "../../../../core/tf.ts";
import { hasAdapter } from "../../../vulkan.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, value) => value);

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  const ignore = backend === "webgpu" && !hasAdapter;
  Deno.test(
    { name: `pixels become numbers from 0 to 1 on ${backend}`, ignore },
    async () => {
      await selectBackend(backend);
      const before = tf.memory().numTensors;
      for (const count of [1, 2, 3, 4, 5, 255, 256]) {
        const x = unpackPixels(EVERY_BYTE.slice(256 - count), [1, count, 1, 1]);
        const values = await x.data();
        assertEquals(values.length, count);
        values.forEach((value, i) =>
          assertAlmostEquals(value, (256 - count + i) / 255, 1e-7)
        );
        x.dispose();
      }
      assertEquals(tf.memory().numTensors, before);
    },
  );
}

Deno.test("pixels are the same to the bit on Wasm and CPU", async () => {
  const read = async (backend: "cpu" | "wasm") => {
    await selectBackend(backend);
    assert(tf.getBackend() === backend);
    return await unpackPixels(EVERY_BYTE, [16, 4, 4, 1]).data();
  };
  assertEquals(await read("wasm"), await read("cpu"));
});

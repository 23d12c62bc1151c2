import { assertEquals, assertThrows } from "@std/assert";
import {
  type BackendChoice,
  selectBackend,
} from "../../../../core/device/select_backend.ts";
import { unpackHalves } from "../../../../core/kernels/unpack_halves/op.ts";
import { hasAdapter } from "../../../vulkan.ts";

/** Of either sign, the largest, the smallest normal, and what 11 bits round. */
const NUMBERS = [0, -0, 1, -2.5, 65504, -65504, 2 ** -14, 1 / 3, 1000.5];

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendChoice[]) {
  Deno.test({
    name: `unpackHalves widens numbers exactly on ${backend}${
      backend === "webgpu" ? " (needs a Vulkan driver)" : ""
    }`,
    ignore: backend === "webgpu" && !hasAdapter,
    fn: async () => {
      await selectBackend(backend);
      for (const [rows, columns] of [[1, 1], [1, 9], [3, 3], [2, 4], [4, 2]]) {
        const halves = new Float16Array(NUMBERS.slice(0, rows * columns));
        const bits = new Uint16Array(halves.buffer);
        const x = unpackHalves(bits, [rows, columns]);
        assertEquals(x.shape, [rows, columns]);
        assertEquals([...await x.data()], [...halves]);
        x.dispose();
      }
    },
  });
}

Deno.test("unpackHalves refuses a number of numbers that isn't the shape's", () => {
  assertThrows(
    () => unpackHalves(new Uint16Array(5), [2, 3]),
    RangeError,
    "needs 6 of them: current value is 5",
  );
});

import { assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity, type Padding, pooling } from "../../../parity.ts";

const PADDINGS: Padding[] = ["valid", "same", [[0, 0], [1, 0], [1, 1], [0, 0]]];

for (const channels of [1, 3, 8, 19]) {
  Deno.test(`max-pooling's gradient on Wasm over ${channels} channels equals the CPU's`, async () => {
    await useWasm();
    await assertParity(PADDINGS.flatMap((padding) => [
      pooling([2, 7, 6, channels], 2, 2, padding),
      pooling([2, 7, 6, channels], [3, 2], 1, padding),
      pooling([1, 5, 8, channels], 2, 3, padding),
      pooling([3, 4, 4, channels], 2, 1, padding, 1),
    ]));
  });
}

Deno.test("max-pooling's gradient on Wasm keeps NaN, at the winner alone", async () => {
  await useWasm();
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const dy = tf.tensor4d([NaN], [1, 1, 1, 1]);
  const dx = tf.tidy(() =>
    tf.grad((x) => tf.maxPool(x.as4D(1, 2, 2, 1), 2, 2, "valid"))(x, dy)
  );
  assertEquals([...await dx.data()], [0, 0, 0, NaN]);
  tf.dispose([x, dy, dx]);
});

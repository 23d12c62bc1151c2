import { assert, assertEquals, assertRejects } from "@std/assert";
import { fillDropoutMask } from "../../../../core/random/dropout_mask.ts";
import { draw, runOnWasm } from "../wasm/run_on_wasm.ts";

const KEY: [number, number] = [0xdeadbeef, 17];

function maskOf(size: number, rate: number, first: number) {
  return fillDropoutMask(new Float32Array(size), rate, KEY, first);
}

for (const rate of [0, 0.25, 0.5, 1 - 2 ** -16]) {
  Deno.test(`RetortDropOut at rate ${rate} multiplies by fillDropoutMask's mask, to the bit`, async () => {
    for (const size of [0, 1, 2, 3, 5, 17, 1023]) {
      for (const first of [0, 1, 2, 7, 2 ** 32 - 3, 2 ** 33 + 5, 2 ** 52 + 1]) {
        const x = draw([size], "x");
        const mask = maskOf(size, rate, first);
        const [y] = await runOnWasm("RetortDropOut", { x }, {
          rate,
          key: KEY,
          first,
        });
        assertEquals(y.values, mask.map((m, i) => x.values[i] * m));
      }
    }
  });
}

Deno.test("RetortDropOut gives parts of a batch what it gives the whole", async () => {
  const x = draw([6, 37], "x");
  const attributes = { rate: 0.25, key: KEY, first: 0 };
  const [whole] = await runOnWasm("RetortDropOut", { x }, attributes);
  for (const rows of [1, 2, 5]) {
    const start = rows * 37;
    const part = { shape: [6 - rows, 37], values: x.values.slice(start) };
    const [y] = await runOnWasm("RetortDropOut", { x: part }, {
      ...attributes,
      first: start,
    });
    assertEquals(y.values, whole.values.slice(start));
  }
});

Deno.test("RetortDropOut keeps NaN, also where it drops", async () => {
  const x = { shape: [64], values: new Float32Array(64).fill(NaN) };
  const attributes = { rate: 0.5, key: KEY, first: 0 };
  const [y] = await runOnWasm("RetortDropOut", { x }, attributes);
  assert(y.values.every(Number.isNaN));
});

Deno.test("RetortDropOut refuses what would read other memory than its input's", async () => {
  const x = draw([4], "x");
  const good = { rate: 0.5, key: KEY, first: 0 };
  for (
    const [wrong, rule] of [
      [{ rate: 1 }, "< 1"],
      [{ key: [1] }, "2 non-negative integers"],
      [{ first: -1 }, "non-negative integer"],
      [{ first: "0" }, "a number"],
    ] as const
  ) {
    const attributes = {
      ...good,
      ...wrong,
      key: [...("key" in wrong ? wrong.key : KEY)],
    };
    await assertRejects(
      () => runOnWasm("RetortDropOut", { x }, attributes),
      Error,
      rule,
    );
  }
  const integers = { shape: [4], values: Int32Array.of(1, 2, 3, 4) };
  await assertRejects(
    () => runOnWasm("RetortDropOut", { x: integers }, good),
    TypeError,
    "float32",
  );
});

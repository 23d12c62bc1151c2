import { assert, assertEquals, assertRejects } from "@std/assert";
import { fillDropoutMask } from "../../../../core/random/dropout_mask.ts";
import type * as tf from "../../../../core/tf.ts";
import { draw, type Given, runOnWasm } from "../wasm/run_on_wasm.ts";

const KEY: [number, number] = [1, 0xffffffff];

/** relu(z + b) ⊙ m as float32 computes it. */
function reference(z: Given, bias: Given, mask?: Float32Array): Float32Array {
  const channels = bias.values.length;
  return Float32Array.from(z.values, (value, i) => {
    const sum = Math.fround(value + bias.values[i % channels]);
    return (sum > 0 ? sum : 0) * (mask?.[i] ?? 1);
  });
}

/** The same numbers: −0 is 0. */
function assertSame(given: Given, wanted: Float32Array) {
  assertEquals(Float32Array.from(given.values, (value) => value + 0), wanted);
}

const ROWS = [0, 1, 2, 3, 5, 17, 1023];

for (const channels of [1, 3, 5, 8, 10, 64, 257]) {
  Deno.test(`RetortBiasRelu over ${channels} channels is relu(z + b), to the bit`, async () => {
    const bias = draw([channels], "bias");
    for (const rows of ROWS) {
      const z = draw([rows, channels], "z");
      const [y] = await runOnWasm("RetortBiasRelu", { z, bias });
      assertEquals(y.shape, z.shape);
      assertSame(y, reference(z, bias));
    }
  });

  Deno.test(`RetortBiasRelu over ${channels} channels drops what fillDropoutMask drops`, async () => {
    const bias = draw([channels], "bias");
    for (const rows of ROWS) {
      for (const rate of [0, 0.25, 0.5]) {
        for (const first of [0, 1, 2 ** 33 - 1]) {
          const z = draw([rows, channels], "z");
          const dropout = { rate, key: KEY, first };
          const [y] = await runOnWasm("RetortBiasRelu", { z, bias }, {
            dropout,
          });
          const mask = new Float32Array(z.values.length);
          fillDropoutMask(mask, rate, KEY, first);
          assertSame(y, reference(z, bias, mask));
        }
      }
    }
  });
}

Deno.test("RetortBiasRelu takes any rank", async () => {
  const z = draw([2, 3, 4, 5], "z");
  const bias = draw([5], "bias");
  const [y] = await runOnWasm("RetortBiasRelu", { z, bias });
  assertEquals(y.shape, [2, 3, 4, 5]);
  assertSame(y, reference(z, bias));
});

Deno.test("RetortBiasRelu keeps NaN of z and of the bias, dropped or not", async () => {
  const zeros = { shape: [9, 3], values: new Float32Array(27) };
  const bias = { shape: [3], values: Float32Array.of(0, NaN, 0) };
  for (const dropout of [undefined, { rate: 0.5, key: KEY, first: 1 }]) {
    const attributes: tf.NamedAttrMap = dropout ? { dropout } : {};
    const [y] = await runOnWasm(
      "RetortBiasRelu",
      { z: zeros, bias },
      attributes,
    );
    const unknown = Array.from(y.values, Number.isNaN);
    assertEquals(unknown, Array.from(unknown, (_, i) => i % 3 === 1));
    const z = { shape: [27], values: new Float32Array(27).fill(NaN) };
    const plain = { shape: [27], values: new Float32Array(27) };
    const [all] = await runOnWasm(
      "RetortBiasRelu",
      { z, bias: plain },
      attributes,
    );
    assert(all.values.every(Number.isNaN));
  }
});

Deno.test("RetortBiasRelu refuses a bias that isn't the last extent long", async () => {
  const inputs = { z: draw([2, 6], "z"), bias: draw([3], "bias") };
  await assertRejects(
    () => runOnWasm("RetortBiasRelu", inputs),
    RangeError,
    "[6]",
  );
});

Deno.test("RetortBiasReluGradient is dy · scale where y > 0, else 0", async () => {
  for (const size of ROWS) {
    for (const scale of [1, Math.fround(4 / 3)]) {
      const y = draw([size], "y");
      const dy = draw([size], "dy");
      const [dz] = await runOnWasm("RetortBiasReluGradient", { y, dy }, {
        scale,
      });
      assertSame(
        dz,
        Float32Array.from(
          y.values,
          (value, i) => value > 0 ? dy.values[i] * scale : 0,
        ),
      );
    }
  }
});

Deno.test("RetortBiasReluGradient keeps NaN of y, and of dy where y > 0", async () => {
  const size = 11;
  const all = (value: number) => ({
    shape: [size],
    values: new Float32Array(size).fill(value),
  });
  for (
    const [y, dy, wanted] of [
      [NaN, 0, NaN],
      [0, NaN, 0],
      [0, Infinity, 0],
      [1, NaN, NaN],
      [1, -Infinity, -Infinity],
    ]
  ) {
    const inputs = { y: all(y), dy: all(dy) };
    const [dz] = await runOnWasm("RetortBiasReluGradient", inputs, {
      scale: 1,
    });
    assertEquals(dz, all(wanted));
  }
});

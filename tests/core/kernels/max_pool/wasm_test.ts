import { assert, assertEquals, assertRejects } from "@std/assert";
import { fillDropoutMask } from "../../../../core/random/dropout_mask.ts";
import { draw, type Given, runOnWasm } from "../wasm/run_on_wasm.ts";

const KEY: [number, number] = [77, 78];

const SHAPES = [
  [1, 1, 1, 1],
  [2, 5, 7, 3],
  [3, 4, 6, 5],
  [1, 6, 6, 64],
  [2, 9, 4, 17],
  [5, 3, 3, 12],
];
const SIZES = [[1, 1], [2, 2], [3, 2], [1, 3], [3, 3]];

/** Every case in which a window fits. */
const CASES = SHAPES.flatMap((shape) =>
  SIZES.filter(([h, w]) => h <= shape[1] && w <= shape[2])
    .map((size) => ({ shape, size }))
);

function pooledShape([n, h, w, c]: number[], size: number[]): number[] {
  return [n, Math.floor(h / size[0]), Math.floor(w / size[1]), c];
}

/** Calls `visit` with each output's place and those of its inputs, row-major. */
function forEachWindow(
  shape: number[],
  size: number[],
  visit: (output: number, inputs: number[], channel: number) => void,
): void {
  const [, height, width, channels] = shape;
  const [images, rows, columns] = pooledShape(shape, size);
  let output = 0;
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++) {
          const inputs = Array.from({ length: size[0] * size[1] }, (_, tap) => {
            const y = row * size[0] + Math.floor(tap / size[1]);
            const x = column * size[1] + tap % size[1];
            return ((n * height + y) * width + x) * channels + channel;
          });
          visit(output++, inputs, channel);
        }
      }
    }
  }
}

/** Rounded, so that many numbers are equal. */
function drawTies(shape: number[], name: string): Given {
  const { values } = draw(shape, name);
  return { shape, values: Float32Array.from(values, (v) => Math.round(3 * v)) };
}

Deno.test("RetortBiasReluMaxPool is relu(maxpool(z) + b) with the first largest's place", async () => {
  for (const { shape, size } of CASES) {
    const bias = draw([shape[3]], "bias");
    for (const z of [draw(shape, "z"), drawTies(shape, "z")]) {
      const outputs = await runOnWasm("RetortBiasReluMaxPool", { z, bias }, {
        size,
      });
      const [y, winner] = outputs;
      assertEquals(y.shape, pooledShape(shape, size));
      assertEquals(winner.shape, y.shape);
      forEachWindow(shape, size, (output, inputs, channel) => {
        const values = inputs.map((input) => z.values[input]);
        const largest = Math.max(...values);
        const sum = Math.fround(largest + bias.values[channel]);
        assertEquals(y.values[output] + 0, Math.max(0, sum));
        assertEquals(winner.values[output], values.indexOf(largest));
      });
    }
  }
});

Deno.test("RetortBiasReluMaxPool drops what fillDropoutMask drops", async () => {
  for (const { shape, size } of CASES) {
    const inputs = { z: draw(shape, "z"), bias: draw([shape[3]], "bias") };
    const [plain] = await runOnWasm("RetortBiasReluMaxPool", inputs, { size });
    for (const rate of [0, 0.25, 0.5]) {
      for (const first of [0, 1, 2 ** 33 - 1]) {
        const dropout = { rate, key: KEY, first };
        const attributes = { size, dropout };
        const [y] = await runOnWasm(
          "RetortBiasReluMaxPool",
          inputs,
          attributes,
        );
        const mask = new Float32Array(y.values.length);
        fillDropoutMask(mask, rate, KEY, first);
        assertEquals(y.values, mask.map((m, i) => m * plain.values[i]));
      }
    }
  }
});

Deno.test("RetortBiasReluMaxPool gives parts of a batch what it gives the whole", async () => {
  const z = draw([3, 5, 4, 3], "z");
  const bias = draw([3], "bias");
  const attributes = (first: number) => ({
    size: [2, 2],
    dropout: { rate: 0.5, key: KEY, first },
  });
  const [whole] = await runOnWasm(
    "RetortBiasReluMaxPool",
    { z, bias },
    attributes(5),
  );
  const last = { shape: [1, 5, 4, 3], values: z.values.slice(2 * 60) };
  const before = 2 * 2 * 2 * 3;
  const [part] = await runOnWasm(
    "RetortBiasReluMaxPool",
    { z: last, bias },
    attributes(5 + before),
  );
  assertEquals(part.values, whole.values.slice(before));
});

Deno.test("RetortBiasReluMaxPool keeps a NaN wherever in its window it is", async () => {
  for (const channels of [1, 11]) {
    for (let tap = 0; tap < 6; tap++) {
      const shape = [1, 3, 2, channels];
      const z = draw(shape, "z");
      z.values.fill(NaN, tap * channels, (tap + 1) * channels);
      const bias = draw([channels], "bias");
      const size = [3, 2];
      const [y] = await runOnWasm("RetortBiasReluMaxPool", { z, bias }, {
        size,
      });
      assert(y.values.every(Number.isNaN), `tap ${tap}`);
    }
  }
});

Deno.test("RetortMaxPoolScatter puts g at the winners and 0 elsewhere", async () => {
  for (const { shape, size } of CASES) {
    const g = draw(pooledShape(shape, size), "g");
    const winner = {
      shape: g.shape,
      values: Int32Array.from(
        g.values,
        (value) => Math.floor((value + 1) / 2 * size[0] * size[1]),
      ),
    };
    g.values[0] = NaN;
    const wanted = new Float32Array(shape.reduce((a, b) => a * b));
    forEachWindow(shape, size, (output, inputs) => {
      wanted[inputs[winner.values[output]]] = g.values[output];
    });
    const attributes = { inputShape: shape, size };
    const [dz] = await runOnWasm(
      "RetortMaxPoolScatter",
      { g, winner },
      attributes,
    );
    assertEquals(dz.shape, shape);
    assertEquals(dz.values, wanted);
  }
});

Deno.test("RetortMaxPoolScatter refuses gradients of another shape", async () => {
  const shape = [1, 2, 2, 3];
  const winner = { shape, values: new Int32Array(12) };
  const attributes = { inputShape: [1, 6, 6, 3], size: [2, 2] };
  await assertRejects(
    () =>
      runOnWasm(
        "RetortMaxPoolScatter",
        { g: draw(shape, "g"), winner },
        attributes,
      ),
    RangeError,
    "[1, 3, 3, 3]",
  );
});

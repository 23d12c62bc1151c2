import { assert, assertEquals } from "@std/assert";
import { draw, runOnWasm } from "../wasm/run_on_wasm.ts";

for (const channels of [1, 3, 5, 16, 21, 64, 71, 130]) {
  Deno.test(`RetortColumnSum adds up rows of ${channels}`, async () => {
    for (const rows of [0, 1, 2, 3, 5, 17, 63, 64, 65, 1023]) {
      const x = draw([rows, channels], "x");
      const [sum] = await runOnWasm("RetortColumnSum", { x });
      assertEquals(sum.shape, [channels]);
      for (let channel = 0; channel < channels; channel++) {
        let [wanted, magnitude] = [0, 0];
        for (let i = channel; i < x.values.length; i += channels) {
          wanted += x.values[i];
          magnitude += Math.abs(x.values[i]);
        }
        const error = Math.abs(sum.values[channel] - wanted);
        assert(error <= 2e-7 * magnitude, `${rows} rows, column ${channel}`);
      }
    }
  });
}

Deno.test("RetortColumnSum adds over all axes but the last", async () => {
  const x = {
    shape: [2, 1, 2, 2],
    values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  };
  const [sum] = await runOnWasm("RetortColumnSum", { x });
  assertEquals([...sum.values], [16, 20]);
});

Deno.test("RetortColumnSum keeps a NaN in its column, and out of the others", async () => {
  for (const rows of [1, 5, 200]) {
    for (const channels of [1, 3, 70]) {
      const x = draw([rows, channels], "x");
      x.values[(rows - 1) * channels] = NaN;
      const [sum] = await runOnWasm("RetortColumnSum", { x });
      assertEquals(
        Array.from(sum.values, Number.isNaN),
        Array.from(sum.values, (_, channel) => channel === 0),
      );
    }
  }
});

Deno.test("RetortColumnSum's rounding doesn't grow with the number of rows", async () => {
  const rows = 100_000;
  const x = { shape: [rows, 1], values: new Float32Array(rows).fill(0.1) };
  const [sum] = await runOnWasm("RetortColumnSum", { x });
  assert(Math.abs(sum.values[0] / (rows * Math.fround(0.1)) - 1) < 1e-6);
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkDropoutRate,
  fillDropoutMask,
} from "../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../core/random/stream.ts";

for (const rate of [0.1, 0.2, 0.5, 0.9]) {
  Deno.test(`fillDropoutMask drops a share of ${rate} and scales the rest to mean 1`, () => {
    const count = 100_000;
    const mask = fillDropoutMask(
      new Float32Array(count),
      rate,
      randomStream(1),
    );
    const dropped = mask.filter((value) => value === 0).length;
    const error = 5 * Math.sqrt(count * rate * (1 - rate));
    assert(Math.abs(dropped - count * rate) < error);
    const kept = Math.fround(1 / (1 - rate));
    assert(mask.every((value) => value === 0 || value === kept));
  });
}

Deno.test("fillDropoutMask fills masks of odd length", () => {
  const mask = fillDropoutMask(Float32Array.of(7, 7, 7), 0.5, randomStream(1));
  assert(mask.every((value) => value === 0 || value === 2));
});

Deno.test("fillDropoutMask keeps everything at rate 0", () => {
  const mask = fillDropoutMask(new Float32Array(1000), 0, randomStream(1));
  assertEquals(mask, new Float32Array(1000).fill(1));
});

Deno.test("fillDropoutMask drops neighbours independently", () => {
  const mask = fillDropoutMask(
    new Float32Array(100_000),
    0.5,
    randomStream(1),
  );
  let both = 0;
  for (let i = 0; i < mask.length; i += 2) {
    if (mask[i] === 0 && mask[i + 1] === 0) both++;
  }
  assert(Math.abs(both - 12_500) < 5 * Math.sqrt(50_000 * 3 / 16));
});

for (const rate of [-0.1, 1, 1.5, NaN, Infinity]) {
  Deno.test(`checkDropoutRate refuses ${rate}`, () => {
    assertThrows(() => checkDropoutRate(rate), RangeError, `${rate}`);
  });
}

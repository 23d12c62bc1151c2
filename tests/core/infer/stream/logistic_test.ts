import { assert, assertEquals } from "@std/assert";
import { squash, stretch } from "../../../../core/infer/stream/logistic.ts";

Deno.test("squash is the logistic function to 0.3% of 1, and at half units to 2^−16", () => {
  for (let x = -2047; x <= 2047; x++) {
    const exact = 65536 / (1 + Math.exp(-x / 256));
    const error = Math.abs(squash(x) - exact);
    assert(error <= (x % 128 === 0 ? 0.5 : 200), `${x}: ${squash(x)}`);
  }
});

Deno.test("squash is symmetric, rises, and never reaches 0 or 65,536", () => {
  for (let x = -3000; x <= 3000; x++) {
    assertEquals(squash(x) + squash(-x), 65536);
    assert(squash(x + 1) >= squash(x));
    assert(squash(x) > 0 && squash(x) < 65536);
  }
});

Deno.test("stretch undoes squash to a step of its curve", () => {
  for (let probability = 32; probability < 65504; probability += 7) {
    const back = squash(stretch(probability));
    // At its middle the curve rises by 64 a step.
    assert(Math.abs(back - probability) <= 64, `${probability}: ${back}`);
  }
  assertEquals(stretch(32768), 0);
});

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { entropy } from "../../../core/infer/inspect_dram.ts";

Deno.test("entropy is log2 k of k values that occur equally often, and 0 of one", () => {
  assertEquals(entropy([]), 0);
  assertEquals(entropy([3, 3, 3]), 0);
  assertEquals(entropy([-1, 0, 1, 2]), 2);
});

Deno.test("entropy of shares 0.9 and 0.1 is 0.469", () => {
  // Source: the binary entropy function, −0.9 log2 0.9 − 0.1 log2 0.1.
  assertAlmostEquals(entropy([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 0.468996, 1e-6);
});

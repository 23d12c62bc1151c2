import { assert, assertEquals } from "@std/assert";
import { runFuzz } from "./run_fuzz.ts";

Deno.test("no bytes crash the decoder, stop it, fill memory or pass for another model", () => {
  const { violations, outcomes, largest } = runFuzz({ inputs: 3000, seed: 1 });
  assertEquals(violations, []);
  // The fuzzer gets where it should: to whole files, and to many refusals.
  assert(outcomes.decoded > 100, JSON.stringify(outcomes));
  assert(Object.keys(outcomes).length > 10, JSON.stringify(outcomes));
  assert(largest.value < 2 ** 28, JSON.stringify(largest));
});

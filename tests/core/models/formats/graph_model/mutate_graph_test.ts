import { assert } from "@std/assert";
import { mutateGraph } from "./mutate_graph.ts";

Deno.test("300 GraphModels changed at random are read, or refused in words", async () => {
  const { read, refused } = await mutateGraph({ count: 300, seed: 1 });
  // Of both kinds: neither is all that becomes of them.
  assert(read > 20 && refused > 100, `${read} read, ${refused} refused`);
});

import { assert } from "@std/assert";
import { mutateOnnx } from "./mutate_onnx.ts";

Deno.test("300 ONNX files changed at random are read, or refused in words", async () => {
  const { read, refused } = await mutateOnnx({ count: 300, seed: 1 });
  // Of both kinds: neither is all that becomes of them.
  assert(read > 20 && refused > 100, `${read} read, ${refused} refused`);
});

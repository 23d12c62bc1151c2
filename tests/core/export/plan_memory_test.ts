import { assert, assertEquals } from "@std/assert";
import { planMemory } from "../../../core/export/plan_memory.ts";
import { randomStream } from "../../../core/random/stream.ts";

Deno.test("buffers alive at once never overlap", () => {
  const random = randomStream(1, "memory");
  for (let run = 0; run < 500; run++) {
    const buffers = Array.from({ length: 1 + random.below(8) }, (_, from) => ({
      size: random.below(30),
      from,
      to: from + random.below(4),
    }));
    const { offsets, size } = planMemory(buffers);
    buffers.forEach((a, i) => {
      assert(offsets[i] + a.size <= size);
      buffers.forEach((b, j) => {
        if (i >= j || a.from > b.to || b.from > a.to) return;
        const apart = offsets[i] + a.size <= offsets[j] ||
          offsets[j] + b.size <= offsets[i];
        assert(apart || a.size === 0 || b.size === 0);
      });
    });
  }
});

Deno.test("a row of layers takes no more than the two largest neighbours", () => {
  const sizes = [100, 40, 60, 10];
  const buffers = sizes.map((size, from) => ({ size, from, to: from + 1 }));
  assertEquals(planMemory(buffers).size, 140);
});

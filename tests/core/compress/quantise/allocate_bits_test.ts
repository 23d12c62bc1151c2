import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  allocateBits,
  type BitsChoice,
} from "../../../../core/compress/quantise/allocate_bits.ts";
import { fc } from "../../../seeded_check.ts";

/** The least loss within `budget` over all combinations, one choice a layer. */
function bruteForce(table: BitsChoice[], budget: number): number {
  const layers = [...new Set(table.map(({ layer }) => layer))];
  const search = (at: number, bytes: number, loss: number): number => {
    if (bytes > budget) return Infinity;
    if (at === layers.length) return loss;
    const own = table.filter(({ layer }) => layer === layers[at]);
    return Math.min(
      ...own.map((each) =>
        search(at + 1, bytes + each.bytes, loss + each.loss)
      ),
    );
  };
  return search(0, 0, 0);
}

const total = (chosen: BitsChoice[], key: "bytes" | "loss") =>
  chosen.reduce((sum, choice) => sum + choice[key], 0);

Deno.test("no combination within the budget loses less", () => {
  const choice = fc.record({
    layer: fc.integer({ min: 0, max: 4 }),
    bits: fc.integer({ min: 1, max: 8 }),
    bytes: fc.integer({ min: 0, max: 60 }),
    // Sixteenths, so that sums are exact in any order.
    loss: fc.integer({ min: -8, max: 64 }).map((sixteenths) => sixteenths / 16),
  });
  fc.assert(
    fc.property(
      fc.array(choice, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 240 }),
      (table, budget) => {
        const least = bruteForce(table, budget);
        if (least === Infinity) {
          assertThrows(() => allocateBits(table, budget), RangeError, "least");
          return;
        }
        const chosen = allocateBits(table, budget);
        assertEquals(total(chosen, "loss"), least);
        assert(total(chosen, "bytes") <= budget);
        assert(chosen.every((choice) => table.includes(choice)));
        const layers = [...new Set(table.map(({ layer }) => layer))];
        assertEquals(
          chosen.map(({ layer }) => layer),
          layers.sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("bits go where a byte saves most", () => {
  const table = [2, 4, 8].flatMap((bits) => [
    { layer: 0, bits, bytes: 10 * bits, loss: 8 / bits },
    { layer: 1, bits, bytes: 100 * bits, loss: 1 / bits },
  ]);
  const bitsAt = (budget: number) =>
    allocateBits(table, budget).map(({ bits }) => bits);
  assertEquals(bitsAt(220), [2, 2]);
  assertEquals(bitsAt(300), [8, 2]);
  assertEquals(bitsAt(480), [8, 4]);
  assertEquals(bitsAt(10_000), [8, 8]);
});

Deno.test("thirty layers of eight choices take no time", () => {
  const table = Array.from({ length: 240 }, (_, i) => {
    const [layer, bits] = [i >> 3, 1 + i % 8];
    const bytes = (10 + layer) * bits;
    return { layer, bits, bytes, loss: (1 + layer % 7) * 2 ** -bits };
  });
  const chosen = allocateBits(table, 3000);
  assertEquals(chosen.length, 30);
  assert(total(chosen, "bytes") <= 3000 && total(chosen, "bytes") > 2900);
});

Deno.test("a table or a budget that allows nothing is refused", () => {
  const choice = { layer: 0, bits: 4, bytes: 10, loss: 1 };
  const cases: [BitsChoice[], number, string][] = [
    [[], 10, "the table is empty"],
    [[choice], 9, "take 10 bytes at least: current value of the budget is 9"],
    [[choice], NaN, "current value of the budget is NaN"],
    [[{ ...choice, loss: NaN }], 10, "loss NaN of layer 0 at 4 bits"],
    [[{ ...choice, bytes: 1.5 }], 10, "current value is 1.5 bytes"],
    [[{ ...choice, bytes: -1 }], 10, "current value is -1 bytes"],
  ];
  for (const [table, budget, message] of cases) {
    assertThrows(() => allocateBits(table, budget), RangeError, message);
  }
});

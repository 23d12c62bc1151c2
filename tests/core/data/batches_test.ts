import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  consecutiveBatches,
  epochBatches,
  normalisePixels,
  oneHotLabels,
} from "../../../core/data/batches.ts";
import { fc } from "../../seeded_check.ts";

const size = fc.integer({ min: 1, max: 64 });

Deno.test("epochBatches holds every example once, in full batches but the last", () => {
  fc.assert(
    fc.property(fc.nat(300), size, fc.nat(9), (count, size, epoch) => {
      const batches = epochBatches({ count, size, seed: 1, epoch });
      assertEquals(
        batches.flatMap((batch) => [...batch]).sort((a, b) => a - b),
        Array.from({ length: count }, (_, index) => index),
      );
      for (const batch of batches.slice(0, -1)) {
        assertEquals(batch.length, size);
      }
    }),
  );
});

Deno.test("epochBatches differs between epochs and between seeds", () => {
  const order = (seed: number, epoch: number) =>
    epochBatches({ count: 50, size: 50, seed, epoch })[0];
  assertEquals(order(1, 2), order(1, 2));
  assertNotEquals(order(1, 2), order(1, 3));
  assertNotEquals(order(1, 2), order(2, 2));
});

Deno.test("consecutiveBatches holds every index once, in order", () => {
  fc.assert(fc.property(fc.nat(300), size, (count, size) => {
    const batches = [...consecutiveBatches(count, size)];
    assertEquals(
      batches.flatMap((batch) => [...batch]),
      Array.from({ length: count }, (_, index) => index),
    );
    for (const batch of batches.slice(0, -1)) assertEquals(batch.length, size);
  }));
});

for (const wrong of [0, -1, 1.5, NaN, Infinity]) {
  Deno.test(`epochBatches and consecutiveBatches refuse a batch size of ${wrong}`, () => {
    assertThrows(
      () => epochBatches({ count: 10, size: wrong, seed: 1, epoch: 0 }),
      RangeError,
      `${wrong}`,
    );
    assertThrows(() => [...consecutiveBatches(10, wrong)], RangeError);
  });
}

Deno.test("normalisePixels divides by 255 and keeps the order of the indices", () => {
  const examples = {
    count: 3,
    shape: [1, 2, 1] as const,
    images: Uint8Array.of(0, 51, 102, 153, 204, 255),
    labels: Uint8Array.of(0, 0, 0),
  };
  assertEquals(
    normalisePixels(examples, [2, 0, 2]),
    Float32Array.from([0.8, 1, 0, 0.2, 0.8, 1]),
  );
});

Deno.test("oneHotLabels puts a 1 at each label", () => {
  assertEquals(
    oneHotLabels(Uint8Array.of(2, 0, 1), [1, 0], 3),
    Float32Array.of(1, 0, 0, 0, 0, 1),
  );
});

Deno.test("oneHotLabels refuses a label beyond the classes", () => {
  assertThrows(
    () => oneHotLabels(Uint8Array.of(3), [0], 3),
    RangeError,
    "below 3",
  );
});

Deno.test("epochs of part of the examples go through all of them before any comes again", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 70 }),
      fc.nat(),
      (count, taken, seed) => {
        const passes = 3;
        const drawn: number[] = [];
        for (let epoch = 0; drawn.length < passes * count; epoch++) {
          const batches = epochBatches({ count, size: 4, seed, epoch, taken });
          assertEquals(batches.flatMap((batch) => [...batch]).length, taken);
          drawn.push(...batches.flatMap((batch) => [...batch]));
        }
        for (let pass = 0; pass < passes; pass++) {
          const own = drawn.slice(pass * count, (pass + 1) * count);
          assertEquals(own.toSorted((a, b) => a - b), [...Array(count).keys()]);
        }
      },
    ),
  );
  assertThrows(
    () => epochBatches({ count: 3, size: 1, seed: 1, epoch: 0, taken: 0 }),
    RangeError,
    "an epoch must have an integer number of examples ≥ 1: current value is 0",
  );
});

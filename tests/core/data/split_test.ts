import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Dataset, numberClasses } from "../../../core/data/dataset.ts";
import { defaultSplit, splitDataset } from "../../../core/data/split.ts";
import { fc } from "../../seeded_check.ts";

/** A dataset whose image i has the two pixels i and label i mod 256. */
function numbered(count: number): Dataset<Uint8Array> {
  const part = (size: number) => ({
    count: size,
    shape: [1, 2, 1] as const,
    images: Uint8Array.from({ length: 2 * size }, (_, i) => i >> 1),
    labels: Uint8Array.from({ length: size }, (_, i) => i),
  });
  return {
    name: "numbers",
    shape: [1, 2, 1],
    classes: 256,
    classNames: numberClasses(256),
    augmentation: "none",
    train: part(count),
    test: part(3),
    sha256: {},
  };
}

Deno.test("splitDataset's parts are disjoint and cover the training part", () => {
  const sizes = fc.integer({ min: 2, max: 256 }).chain((count) =>
    fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count - 1 }))
  );
  fc.assert(fc.property(sizes, fc.nat(), ([count, validation], seed) => {
    const dataset = numbered(count);
    const parts = splitDataset(dataset, { seed, validation });
    assertEquals(parts.validation.count, validation);
    assertEquals(parts.train.count, count - validation);
    const labels = [...parts.train.labels, ...parts.validation.labels];
    assertEquals(
      labels.toSorted((a, b) => a - b),
      [...dataset.train.labels],
    );
    for (const { images, labels } of [parts.train, parts.validation]) {
      assertEquals([...images], [...labels].flatMap((label) => [label, label]));
    }
    assertEquals(parts.test, dataset.test);
  }));
});

Deno.test("splitDataset is decided by its seed", () => {
  const split = (seed: number) =>
    splitDataset(numbered(200), { seed, validation: 20 }).validation.labels;
  assertEquals(split(1), split(1));
  assertNotEquals(split(1), split(2));
});

Deno.test("defaultSplit holds out 5,000 of 60,000 images, and at least one", () => {
  const sized = (count: number) => {
    const dataset = numbered(2);
    return { ...dataset, train: { ...dataset.train, count } };
  };
  assertEquals(defaultSplit(sized(60_000)), { seed: 0, validation: 5_000 });
  assertEquals(defaultSplit(sized(2), 7), { seed: 7, validation: 1 });
});

for (const validation of [0, -1, 1.5, 10, 11, NaN]) {
  Deno.test(`splitDataset refuses to hold out ${validation} of 10 images`, () => {
    assertThrows(
      () => splitDataset(numbered(10), { seed: 0, validation }),
      RangeError,
      "an integer from 1 to 9",
    );
  });
}

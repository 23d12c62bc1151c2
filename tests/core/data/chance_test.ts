import { assertAlmostEquals, assertEquals } from "@std/assert";
import { chanceOf, isNearChance } from "../../../core/data/chance.ts";

/** P(X ≥ hits) of X ~ B(count, share), by adding every path's probability. */
function tailByPaths(hits: number, count: number, share: number): number {
  let chances = [1];
  for (let i = 0; i < count; i++) {
    const next = Array(chances.length + 1).fill(0);
    chances.forEach((chance, k) => {
      next[k] += chance * (1 - share);
      next[k + 1] += chance * share;
    });
    chances = next;
  }
  return chances.slice(hits).reduce((sum, chance) => sum + chance, 0);
}

const balanced = (count: number, classes: number) =>
  Uint8Array.from({ length: count }, (_, image) => image % classes);

for (const [count, classes] of [[40, 2], [300, 10], [1000, 7]]) {
  Deno.test(`isNearChance draws the line where the binomial tail of ${count} images in ${classes} classes passes 0.01`, () => {
    const labels = balanced(count, classes);
    const share = chanceOf(labels, classes);
    assertAlmostEquals(share, 1 / classes, 1 / count);
    for (let hits = 0; hits < count * (1 + share) / 2; hits++) {
      const expected = tailByPaths(hits, count, share) >= 0.01;
      const found = isNearChance(hits / count, { labels, classes });
      assertEquals(found, expected, `${hits} hits`);
    }
  });
}

Deno.test("isNearChance takes one class for every image for chance, whatever that class's share", () => {
  const labels = new Uint8Array(5000);
  labels.fill(1, 0, 561);
  assertEquals(chanceOf(labels, 10), 4439 / 5000);
  assertEquals(isNearChance(4439 / 5000, { labels, classes: 10 }), true);
  assertEquals(isNearChance(0.95, { labels, classes: 10 }), false);
});

Deno.test("isNearChance lets the seed's case stop and the shipped teacher pass", () => {
  const labels = balanced(5000, 10);
  assertEquals(isNearChance(0.1135, { labels, classes: 10 }), false);
  const shares = labels.map((label, image) => image < 568 ? 1 : label);
  assertEquals(isNearChance(0.1135, { labels: shares, classes: 10 }), true);
  assertEquals(isNearChance(0.994, { labels, classes: 10 }), false);
});

Deno.test("isNearChance doesn't refuse what is right on all of a few images", () => {
  assertEquals(
    isNearChance(1, { labels: Uint8Array.of(0, 1), classes: 2 }),
    false,
  );
  assertEquals(
    isNearChance(0.5, { labels: Uint8Array.of(0, 1), classes: 2 }),
    true,
  );
});

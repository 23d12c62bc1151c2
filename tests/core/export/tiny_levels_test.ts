import { assert, assertEquals } from "@std/assert";
import { type Level, writeLevels } from "../../../core/export/tiny_levels.ts";
import { randomStream } from "../../../core/random/stream.ts";

/** What the code of `levels` reads from its text. */
function readBack(levels: readonly Level[]): number[] {
  const { declare, begin, next } = writeLevels(levels);
  const read = new Function(
    "kinds",
    `${declare};${begin};return kinds.map((kind)=>kind==="bias"?${next.bias}:${next.weight})`,
  );
  return read(levels.map(({ kind }) => kind));
}

/** `count` levels, some biases, of numbers that `draw` gives. */
function drawLevels(
  seed: number,
  count: number,
  draw: (random: ReturnType<typeof randomStream>) => number,
): Level[] {
  const random = randomStream(seed, "levels");
  return Array.from({ length: count }, () => ({
    kind: random.below(20) === 0 ? "bias" : "weight",
    value: draw(random),
  }));
}

Deno.test("levels of any bits and any count come back", () => {
  for (let seed = 0; seed < 30; seed++) {
    const half = 2 ** (seed % 8);
    const levels = drawLevels(
      seed,
      1 + seed * 11,
      (random) => random.below(2 * half) - half,
    );
    assertEquals(readBack(levels), levels.map(({ value }) => value), `${seed}`);
  }
});

Deno.test("levels most of which are alike take fewer characters, and come back", () => {
  const rare = (random: ReturnType<typeof randomStream>) =>
    random.below(10) === 0 ? random.below(16) - 8 : 0;
  const levels = drawLevels(1, 2000, rare);
  const even = drawLevels(1, 2000, (random) => random.below(16) - 8);
  // Counts are kept where that pays.
  assert(writeLevels(levels).begin.includes("Array"));
  assert(!writeLevels(even).begin.includes("Array"));
  assertEquals(readBack(levels), levels.map(({ value }) => value));
  assertEquals(readBack(even), even.map(({ value }) => value));
  // 10% of them any of 16, one of which is 0 again: 0.87 bits each, of 6.5 a character.
  assert(writeLevels(levels).declare.length < 2000 * 0.87 / 6.5 * 1.1 + 160);
  assert(writeLevels(even).declare.length < 2000 * 4 / 6.5 * 1.01 + 100);
});

Deno.test("a text is printable ASCII that ends neither its quotes nor its script", () => {
  const { declare } = writeLevels(
    drawLevels(9, 3000, (random) => random.below(8) - 4),
  );
  const [text] = declare.split("\n");
  assert(/^S="([#-[\]-~]|\\\\)*"$/.test(text), text);
  assert(!/<(\/?script|!--)/i.test(text), text);
});

Deno.test("a text is the same each time", () => {
  const levels = drawLevels(2, 500, (random) => random.below(8) - 4);
  assertEquals(writeLevels(levels), writeLevels(levels));
});

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  findByteFrontier,
  groupRecipes,
} from "../../../core/search/byte_frontier.ts";
import type { CompactResult } from "../../../core/search/search_result.ts";
import { fc } from "../../seeded_check.ts";

function file(
  layers: string,
  seed: number,
  bytes: number,
  validation: number,
): CompactResult {
  return {
    ...{ layers, bits: 4, ratePenalty: 0, loss: "logit-mse", parameters: 9 },
    ...{ trial: bytes, seed, bytes, compression: 1, seconds: 1 },
    accuracy: { validation, test: validation - 0.01 },
  };
}

const FILES = [
  file("a", 1, 300, 0.96),
  file("a", 2, 306, 0.92),
  file("b", 1, 402, 0.97),
  file("b", 2, 398, 0.96),
];

Deno.test("a file is chosen by its own validation accuracy, a recipe by the mean of its seeds", () => {
  const recipes = groupRecipes(FILES, []);
  const [point] = findByteFrontier(FILES, recipes, [0.95]);
  assertEquals(point.file.bytes, 300);
  assertEquals([point.recipe?.layers, point.recipe?.bytes.mean], ["b", 400]);
  // t(0.975; 1) = 12.706, and s / √2 = 2 of 402 and 398.
  assertAlmostEquals(point.recipe?.bytes.high ?? 0, 400 + 2 * 12.7062, 1e-3);
});

Deno.test("a recipe with a seed that was stopped is no recipe, but its files stay", () => {
  const recipes = groupRecipes(FILES, [FILES[2]]);
  assertEquals(recipes.map(({ layers }) => layers), ["a"]);
  const [point] = findByteFrontier(FILES, recipes, [0.965]);
  assertEquals([point.file.bytes, point.recipe], [402, null]);
});

Deno.test("accuracies that no file reaches are left out, and no share is refused", () => {
  const reached = findByteFrontier(FILES, [], [0.99, 0.9, 0.97]);
  assertEquals(reached.map(({ accuracy }) => accuracy), [0.9, 0.97]);
  assertThrows(() => findByteFrontier(FILES, [], [1]), RangeError);
});

Deno.test("s(f) never falls as f rises, and test accuracies decide nothing", () => {
  const files = fc.array(
    fc.record({
      bytes: fc.integer({ min: 100, max: 999 }),
      validation: fc.double({ min: 0.5, max: 1, noNaN: true }),
      test: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(files, (drawn) => {
      const made = drawn.map(({ bytes, validation, test }, seed) => ({
        ...file("a", seed, bytes, validation),
        accuracy: { validation, test },
      }));
      const goals = [0.6, 0.7, 0.8, 0.9];
      const found = findByteFrontier(made, [], goals);
      const sizes = found.map((point) => point.file.bytes);
      assertEquals(sizes, sizes.toSorted((a, b) => a - b));
      const shuffled = made.map((each) => ({
        ...each,
        accuracy: { ...each.accuracy, test: 0 },
      }));
      assertEquals(
        findByteFrontier(shuffled, [], goals).map((point) => point.file.seed),
        found.map((point) => point.file.seed),
      );
    }),
  );
});

import type { HypervolumeComparison } from "../search/hypervolume.ts";
import type { RecipeResult, SearchResult } from "../search/search_result.ts";
import type { Estimate } from "../study/estimate.ts";
import {
  formatAccuracy,
  formatCompression,
  formatCount,
  formatEstimate,
  formatGoal,
} from "../text/format_numbers.ts";
import type { TableOptions } from "./results_table.ts";
import { type Column, formatTextTable } from "../text/text_table.ts";

function right(heading: string): Column {
  return { heading, align: "right" };
}

function left(heading: string): Column {
  return { heading, align: "left" };
}

const RECIPE_COLUMNS = [
  right("bits"),
  right("penalty"),
  left("loss"),
  left("layers"),
];

function recipeCells(
  { bits, ratePenalty, loss, layers }: RecipeResult,
): string[] {
  return [String(bits), String(ratePenalty), loss, layers];
}

/**
 * Bytes with their interval over seeds: `412 [405, 419]`; the mean alone where they
 * are one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatByteEstimate } from "./search_tables.ts";
 *
 * assertEquals(formatByteEstimate({ mean: 1412.4, low: 1405, high: 1419 }), "1,412 [1,405, 1,419]");
 * ```
 */
export function formatByteEstimate({ mean, low, high }: Estimate): string {
  const text = formatCount(Math.round(mean));
  if (low === high) return text;
  const bounds = [low, high].map((bound) => formatCount(Math.round(bound)));
  return `${text} [${bounds.join(", ")}]`;
}

/**
 * s(f) in file bytes as a table: for each accuracy asked for the smallest file that
 * reaches it on validation, and what it scores on test.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 * import { formatByteFrontier } from "./search_tables.ts";
 *
 * assertStringIncludes(formatByteFrontier(makeSearchResult()), "\n  ≥ 0.95  ");
 * ```
 */
export function formatByteFrontier(
  { frontier }: SearchResult,
  options: TableOptions = {},
): string {
  const columns = [
    right("accuracy"),
    right("bytes"),
    right("smaller"),
    right("parameters"),
    right("validation"),
    right("test"),
    right("seed"),
    ...RECIPE_COLUMNS,
  ];
  const rows = frontier.map(({ accuracy, file }) => [
    `≥ ${formatGoal(accuracy)}`,
    formatCount(file.bytes),
    formatCompression(file.compression),
    formatCount(file.parameters),
    formatAccuracy(file.accuracy.validation),
    formatAccuracy(file.accuracy.test),
    String(file.seed),
    ...recipeCells(file),
  ]);
  return formatTextTable(columns, rows, options);
}

/**
 * The same over seeds: the recipe of the smallest mean file whose mean validation
 * accuracy reaches each accuracy, with 95% intervals.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 * import { formatRecipeFrontier } from "./search_tables.ts";
 *
 * assertStringIncludes(formatRecipeFrontier(makeSearchResult()), "bytes [95% interval]");
 * ```
 */
export function formatRecipeFrontier(
  { frontier }: SearchResult,
  options: TableOptions = {},
): string {
  const columns = [
    right("accuracy"),
    left("bytes [95% interval]"),
    left("validation [95% interval]"),
    left("test [95% interval]"),
    right("seeds"),
    ...RECIPE_COLUMNS,
  ];
  const rows = frontier.flatMap(({ accuracy, recipe }) =>
    recipe
      ? [[
        `≥ ${formatGoal(accuracy)}`,
        formatByteEstimate(recipe.bytes),
        formatEstimate(recipe.validation),
        formatEstimate(recipe.test),
        String(recipe.seeds.length),
        ...recipeCells(recipe),
      ]]
      : []
  );
  return formatTextTable(columns, rows, options);
}

/**
 * The recipes of a search whose every seed is finished, from the smallest: mean
 * bytes, validation and test accuracy with 95% intervals over seeds.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 * import { formatRecipes } from "./search_tables.ts";
 *
 * assertStringIncludes(formatRecipes(makeSearchResult()), "conv 12 5x5 | dense 10");
 * ```
 */
export function formatRecipes(
  { recipes }: SearchResult,
  options: TableOptions = {},
): string {
  const columns = [
    left("bytes [95% interval]"),
    right("parameters"),
    right("validation"),
    left("test [95% interval]"),
    right("seeds"),
    ...RECIPE_COLUMNS,
  ];
  const rows = recipes.map((recipe) => [
    formatByteEstimate(recipe.bytes),
    formatCount(recipe.parameters),
    formatAccuracy(recipe.validation.mean),
    formatEstimate(recipe.test),
    String(recipe.seeds.length),
    ...recipeCells(recipe),
  ]);
  return formatTextTable(columns, rows, options);
}

/**
 * Searches after equal time as a table, a line each: files, seconds of searching in all,
 * hypervolume after the seconds that all have searched; then the mean of each way with
 * its 95% interval over its studies, and what hypervolumes end at.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatHypervolumes } from "./search_tables.ts";
 *
 * const text = formatHypervolumes({
 *   reference: { bytes: 1000, error: 0.9 },
 *   seconds: 9,
 *   studies: [{ study: "grid-1", way: "grid", files: 1, seconds: 9.5, hypervolume: 2, steps: [] }],
 *   ways: [{ way: "grid", studies: ["grid-1"], hypervolume: { mean: 2, low: 2, high: 2 } }],
 * });
 * assertStringIncludes(text, "after 9 s");
 * ```
 */
export function formatHypervolumes(
  { reference, seconds, studies, ways }: HypervolumeComparison,
  options: TableOptions = {},
): string {
  const after = `after ${formatCount(Math.round(seconds))} s`;
  const perStudy = formatTextTable(
    [left("study"), right("files"), right("seconds"), right(after)],
    studies.map(({ study, files, seconds, hypervolume }) => [
      study,
      formatCount(files),
      formatCount(Math.round(seconds)),
      hypervolume.toFixed(3),
    ]),
    options,
  );
  const perWay = formatTextTable(
    [left("way"), right("studies"), left(`${after} [95% interval]`)],
    ways.map(({ way, studies, hypervolume: { mean, low, high } }) => [
      way,
      formatCount(studies.length),
      low === high
        ? mean.toFixed(3)
        : `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`,
    ]),
    options,
  );
  const end =
    `hypervolume in decades of bytes times decades of validation error, up to ${
      formatCount(Math.round(reference.bytes))
    } bytes and an error of ${reference.error.toFixed(4)}\n`;
  return [perStudy, perWay, end].join("\n");
}

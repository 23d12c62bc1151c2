import { h } from "npm:preact@10.29.8";
import { renderToString } from "npm:preact-render-to-string@6.8.2";
import { join } from "node:path";
import type { SearchResult } from "../search/search_result.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { escapeUnseen } from "../text/clean_text.ts";
import { drawAccuracyByBytes } from "../charts/accuracy_by_bytes.ts";
import { drawByteFrontier } from "../charts/byte_frontier_steps.ts";
import type { Chart } from "../charts/charts.ts";
import { listPublished } from "../charts/published_points.ts";
import { SearchPage } from "./search_page.tsx";

/**
 * The charts of a search, in the order of its report.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 * import { drawSearchCharts } from "./write_search_report.ts";
 *
 * const names = drawSearchCharts(makeSearchResult()).map(({ name }) => name);
 * assertEquals(names, ["frontier-bytes", "accuracy-by-bytes"]);
 * ```
 */
export function drawSearchCharts(result: SearchResult): Chart[] {
  const published = listPublished(result.dataset).length > 0
    ? " Published models stand at their test accuracy, as published."
    : "";
  return [
    {
      name: "frontier-bytes",
      caption:
        `The frontier s(f): the smallest file that reaches accuracy f on the validation images, as steps; rings are the accuracies asked for. Diamonds are recipes, means over seeds with 95% intervals.${published}`,
      svg: drawByteFrontier(result),
    },
    {
      name: "accuracy-by-bytes",
      caption:
        "Test accuracy against the bytes of the whole file. Small dots are single files; those that no smaller one matches on validation are joined. The accuracy's axis is logarithmic in the error rate.",
      svg: drawAccuracyByBytes(result),
    },
  ];
}

/**
 * Writes the report of a search into `folder`, which it makes if need be:
 * `search.html` and each chart as `plots/NAME.svg`. Every file is written whole or
 * not at all. Returns the paths, `search.html` first. Throws what the file system
 * throws.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 * import { writeSearchReport } from "./write_search_report.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const [page] = await writeSearchReport(folder, makeSearchResult());
 * assert((await Deno.readTextFile(page)).startsWith("<!DOCTYPE html>"));
 * ```
 */
export async function writeSearchReport(
  folder: string,
  result: SearchResult,
): Promise<string[]> {
  const charts = drawSearchCharts(result);
  const page = escapeUnseen(
    renderToString(h(SearchPage, { result, charts })),
  );
  const files = [
    {
      path: join(folder, "search.html"),
      text: `<!DOCTYPE html>\n${page}\n`,
    },
    ...charts.map(({ name, svg }) => ({
      path: join(folder, "plots", `${name}.svg`),
      text: svg,
    })),
  ];
  await Deno.mkdir(join(folder, "plots"), { recursive: true });
  for (const { path, text } of files) await writeAtomically(path, text);
  return files.map(({ path }) => path);
}

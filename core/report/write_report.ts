import { join } from "node:path";
import { writeAtomically } from "../files/write_atomically.ts";
import type { StudyDetails } from "../sweep/result.ts";
import { drawCharts } from "../charts/charts.ts";
import { renderReport } from "./html.ts";

/**
 * Writes the report of a study into `folder`, which it makes if need be:
 * `report.html` and each chart as `plots/NAME.svg`. Every file is written whole
 * or not at all. Returns the paths, `report.html` first. Throws what the file
 * system throws.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { writeReport } from "./write_report.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const [page] = await writeReport(folder, makeDetails());
 * assert((await Deno.readTextFile(page)).startsWith("<!DOCTYPE html>"));
 * ```
 */
export async function writeReport(
  folder: string,
  details: StudyDetails,
): Promise<string[]> {
  const charts = drawCharts(details);
  const files = [
    {
      path: join(folder, "report.html"),
      text: renderReport(details, { charts }),
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

import { h } from "npm:preact@10.29.8";
import { renderToString } from "npm:preact-render-to-string@6.8.2";
import type { StudyDetails } from "../sweep/result.ts";
import { escapeUnseen } from "../text/clean_text.ts";
import { type Chart, drawCharts } from "../charts/charts.ts";
import { Page } from "./html_page.tsx";

/**
 * The report of a study as one HTML document that needs nothing else: style and
 * charts inside, no scripts, no network, light and dark. Everything that comes
 * from the study is escaped, what can't be seen too.
 *
 * `charts` are drawn from `details` unless given; `accuracy` is what the answer
 * at its top is about, 0.95 unless given.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { renderReport } from "./html.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const html = renderReport(makeDetails("<b>"));
 * assertStringIncludes(html, "Study &lt;b>");
 * ```
 */
export function renderReport(
  details: StudyDetails,
  { charts = drawCharts(details), accuracy = 0.95 }: {
    charts?: Chart[];
    accuracy?: number;
  } = {},
): string {
  const page = h(Page, { details, charts, accuracy });
  return `<!DOCTYPE html>\n${escapeUnseen(renderToString(page))}\n`;
}

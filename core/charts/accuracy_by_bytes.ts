import { describeLoss } from "../train/losses/losses.ts";
import type { CompactResult, SearchResult } from "../search/search_result.ts";
import { type ChartFrame, frameOptions } from "./chart_frame.ts";
import { formatTickBytes } from "../text/format_numbers.ts";
import { keepImproving } from "./keep_improving.ts";
import { keyEntry } from "./key_entry.ts";
import { dot, line, type Markish, renderPlot } from "./plot.ts";
import { publishedMarks } from "./published_marks.ts";
import { listPublished } from "./published_points.ts";
import { accuracyScale, magnitudeScale } from "./scales.ts";
import { listLosses, LOOKS } from "./series.ts";

const [WIDTH, HEIGHT] = [760, 540];
const FRAME: ChartFrame = { left: 60, right: 736, top: 36, bottom: 492 };

/** A file as a point of the chart. */
function place({ bytes, accuracy, layers }: CompactResult) {
  return { x: bytes, y: accuracy.test, layers };
}

/** The files that no smaller one matches on validation: what would be chosen. */
export function listChosen(trials: readonly CompactResult[]): CompactResult[] {
  return keepImproving(
    trials,
    ({ bytes }) => bytes,
    ({ accuracy }) => accuracy.validation,
  );
}

/**
 * Test accuracy against file bytes, as SVG: every file as a faint dot, those that
 * no smaller one matches on validation joined by a line, a series a loss;
 * on MNIST published models as triangles. Both axes are logarithmic, the accuracy's in the
 * error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawAccuracyByBytes } from "./accuracy_by_bytes.ts";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 *
 * const svg = drawAccuracyByBytes(makeSearchResult());
 * assertStringIncludes(svg, "<title>Test accuracy against file bytes</title>");
 * ```
 */
export function drawAccuracyByBytes(
  { trials, dataset }: SearchResult,
): string {
  const published = listPublished(dataset);
  const shown = [
    ...trials.map(place),
    ...published.map(({ bytes, accuracy }) => ({
      x: bytes,
      y: accuracy,
    })),
  ];
  const scales = {
    x: magnitudeScale(shown.map(({ x }) => x), formatTickBytes),
    y: accuracyScale(shown.map(({ y }) => y), dataset.test),
  };
  const losses = listLosses(trials);
  const ours = losses.flatMap((loss, index): Markish[] => {
    const { colour, symbol, glyph } = LOOKS[index % LOOKS.length];
    const series = trials.filter((trial) => trial.loss === loss);
    const chosen = listChosen(series).map(place);
    const at = { x: "x", y: "y" };
    return [
      dot(series.map(place), {
        ...at,
        r: 2.5,
        fill: colour,
        fillOpacity: 0.35,
        ariaDescription: `${describeLoss(loss)}: files`,
      }),
      line(chosen, { ...at, stroke: colour, strokeWidth: 1.5 }),
      dot(chosen, {
        ...at,
        r: 4.5,
        fill: colour,
        symbol,
        title: "layers",
        ariaDescription: `${describeLoss(loss)}: chosen on validation`,
      }),
      keyEntry(`${glyph} ours, ${describeLoss(loss)}`, {
        corner: "bottom-right",
        line: losses.length - index,
        fill: colour,
        fontWeight: 600,
      }),
    ];
  });
  return renderPlot("Test accuracy against file bytes", {
    ...frameOptions(FRAME, WIDTH, HEIGHT),
    x: { ...scales.x, label: "bytes of the whole file" },
    y: { ...scales.y, label: "test accuracy" },
    marks: [
      ...publishedMarks(({ bytes, accuracy }) => ({ x: bytes, y: accuracy }), {
        scales,
        frame: FRAME,
        marks: trials.map(place),
      }, published),
      ...ours,
      ...published.length === 0 ? [] : [
        keyEntry("▲ published, chosen apart from the test set; △ others", {
          corner: "bottom-right",
          line: 0,
        }),
      ],
    ],
  });
}

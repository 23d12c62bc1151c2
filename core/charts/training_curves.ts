import { describeLoss } from "../train/losses/losses.ts";
import type { StudentCurve, StudyDetails } from "../sweep/result.ts";
import { colourRamp } from "./colour_ramp.ts";
import { line, link, renderPlot, text } from "./plot.ts";
import {
  accuracyOfNines,
  accuracyScale,
  countNines,
  magnitudeScale,
} from "./scales.ts";
import { listSeries } from "./series.ts";
import { spreadLabels } from "./spread_labels.ts";

/** One width's mean curve. */
interface MeanCurve {
  hidden: number;
  colour: string;
  points: { epoch: number; value: number }[];
}

/** Mean over `curves` of `measure`, at each epoch that all of them reached. */
function averageCurves(
  curves: StudentCurve[],
  measure: "accuracy" | "loss",
): MeanCurve["points"] {
  const shared = Math.min(...curves.map(({ epochs }) => epochs.length));
  return Array.from({ length: shared }, (_, index) => ({
    epoch: curves[0].epochs[index].epoch,
    value: curves.reduce(
      (sum, { epochs }) => sum + epochs[index].validation[measure],
      0,
    ) / curves.length,
  }));
}

/** The mean curve of each width of `loss` that has one. */
function meanCurves(
  details: StudyDetails,
  loss: string,
  measure: "accuracy" | "loss",
): MeanCurve[] {
  const series = listSeries(details).find((series) => series.loss === loss);
  const groups = series?.groups ?? [];
  const colours = colourRamp(groups.length);
  return groups.flatMap(({ hidden, dropout }, index) => {
    const curves = details.curves.filter((curve) =>
      curve.hidden === hidden && curve.dropout === dropout &&
      curve.loss === loss && curve.epochs.length > 0
    );
    if (curves.length === 0) return [];
    const points = averageCurves(curves, measure);
    return [{ hidden, colour: colours[index], points }];
  });
}

/**
 * Validation accuracy (or loss) by epoch for the students of `loss`, as SVG: one
 * line a width, the mean over its seeds while all of them train. Logarithmic:
 * the accuracy in the error rate. Throws a `RangeError` where no student of
 * `loss` has trained.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawTrainingCurves } from "./training_curves.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawTrainingCurves(makeDetails(), "logit-mse");
 * assertStringIncludes(svg, "<title>Validation accuracy by epoch, distilled (logit regression)</title>");
 * ```
 */
export function drawTrainingCurves(
  details: StudyDetails,
  loss: string,
  measure: "accuracy" | "loss" = "accuracy",
): string {
  const curves = meanCurves(details, loss, measure);
  if (curves.length === 0) {
    throw new RangeError(
      `Cannot draw training curves: the loss must have students that trained: current value is ${loss}`,
    );
  }
  const images = details.result.dataset.validation;
  const values = curves.flatMap(({ points }) => points.map((p) => p.value));
  const [scale, toPlace, fromPlace] = measure === "accuracy"
    ? [
      accuracyScale(values, images),
      (value: number) => countNines(value, images),
      accuracyOfNines,
    ] as const
    : [
      magnitudeScale(values, String),
      Math.log10,
      (place: number) => 10 ** place,
    ] as const;

  const ends = curves.map(({ points, ...rest }) => ({
    ...rest,
    ...points[points.length - 1],
  })).sort((a, b) => toPlace(a.value) - toPlace(b.value));
  const places = values.map(toPlace);
  const top = Math.max(...places);
  // A label is a twenty-fourth of the axis high.
  const gap = (top - Math.min(...places) + 0.12) / 24;
  const spread = spreadLabels(ends.map((e) => toPlace(e.value)), gap, top);
  const last = Math.max(...ends.map(({ epoch }) => epoch));
  const labels = ends.map((end, index) => ({
    ...end,
    last,
    label: fromPlace(spread[index]),
  }));

  const title = `Validation ${measure} by epoch, ${describeLoss(loss)}`;
  return renderPlot(title, {
    x: {
      label: "epoch",
      domain: [1, Math.max(2, last)],
      ticks: Math.min(12, last),
      tickFormat: (tick: number) => Number.isInteger(tick) ? `${tick}` : "",
    },
    y: { ...scale, label: `validation ${measure}` },
    marks: [
      ...curves.map(({ hidden, colour, points }) =>
        line(points, {
          x: "epoch",
          y: "value",
          stroke: colour,
          strokeWidth: 1.75,
          ariaDescription: `${hidden} hidden units`,
        })
      ),
      link(labels, {
        x1: "epoch",
        y1: "value",
        x2: "last",
        y2: "label",
        stroke: ({ colour }) => colour,
        strokeDasharray: "1 3",
      }),
      text(labels, {
        x: "last",
        y: "label",
        dx: 8,
        textAnchor: "start",
        text: ({ hidden }) => `${hidden}`,
        fill: ({ colour }) => colour,
        fontWeight: 600,
        ariaDescription: "widths",
      }),
      text(["units"], {
        frameAnchor: "top-right",
        dx: 40,
        dy: -16,
        ariaDescription: "key",
      }),
    ],
  });
}

import type { Sensitivity } from "../compress/sensitivity/layer_sensitivity.ts";
import { colourRamp } from "./colour_ramp.ts";
import { dot, line, link, renderPlot, ruleY, text } from "./plot.ts";
import { accuracyOfNines, accuracyScale, countNines } from "./scales.ts";
import { spreadLabels } from "./spread_labels.ts";

/** One layer's points, as they are drawn. */
interface LayerLine {
  name: string;
  colour: string;
  points: { x: number; accuracy: number }[];
}

function linesOf(
  { layers, sparsity, bits }: Sensitivity,
  by: "sparsity" | "bits",
): LayerLine[] {
  const colours = colourRamp(layers.length);
  return layers.map((name, index) => ({
    name,
    colour: colours[index],
    points: by === "sparsity"
      ? sparsity.filter(({ layer }) => layer === index)
        .map((point) => ({ x: point.sparsity, accuracy: point.accuracy }))
      : bits.filter(({ layer }) => layer === index)
        .map((point) => ({ x: point.bits, accuracy: point.accuracy })),
  }));
}

/**
 * What each layer stands, as SVG: validation accuracy, logarithmic in the error rate,
 * against the sparsity or the bits of one layer at a time, a line a layer, its name
 * where it suffers most; the whole model's accuracy as a dashed rule.
 *
 * Throws a `RangeError` where there is nothing to draw.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawSensitivity } from "./sensitivity_chart.ts";
 *
 * const whole = { accuracy: 0.98, loss: 0.1 };
 * const svg = drawSensitivity({
 *   layers: ["conv1"],
 *   whole,
 *   images: 5000,
 *   sparsity: [{ layer: 0, sparsity: 0.5, ...whole }, { layer: 0, sparsity: 0.9, accuracy: 0.6, loss: 2 }],
 *   bits: [],
 * }, "sparsity");
 * assertStringIncludes(svg, "<title>Accuracy against sparsity, one layer at a time</title>");
 * ```
 */
export function drawSensitivity(
  sensitivity: Sensitivity,
  by: "sparsity" | "bits",
): string {
  const lines = linesOf(sensitivity, by)
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0) {
    throw new RangeError(
      `Cannot draw a sensitivity: there must be points by ${by}: there are none`,
    );
  }
  const { images, whole } = sensitivity;
  const places = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = [Math.min(...places), Math.max(...places)];
  const accuracies = lines
    .flatMap(({ points }) => points.map(({ accuracy }) => accuracy))
    .concat(whole.accuracy);
  const nines = accuracies.map((accuracy) => countNines(accuracy, images));
  const top = Math.max(...nines);
  // Layers suffer more and more to the right, where their names are.
  const [mildest, harshest] = by === "sparsity" ? [least, most] : [most, least];
  const ends = lines.map(({ name, colour, points }) => ({
    name,
    colour,
    x: harshest,
    accuracy: points.find(({ x }) => x === harshest)?.accuracy ??
      points[points.length - 1].accuracy,
  })).sort((a, b) =>
    countNines(a.accuracy, images) - countNines(b.accuracy, images)
  );
  // A label is a twentieth of the axis high.
  const gap = (top - Math.min(...nines) + 0.12) / 20;
  const spread = spreadLabels(
    ends.map(({ accuracy }) => countNines(accuracy, images)),
    gap,
    top,
  );
  const labels = ends.map((end, index) => ({
    ...end,
    label: accuracyOfNines(spread[index]),
  }));
  return renderPlot(`Accuracy against ${by}, one layer at a time`, {
    marginRight: 90,
    x: {
      domain: [mildest, harshest],
      ticks: [...new Set(places)],
      label: by === "sparsity"
        ? "share of the layer's weights that are 0"
        : "bits of the layer's weights",
      tickFormat: (tick: number) => `${tick}`,
    },
    y: { ...accuracyScale(accuracies, images), label: "validation accuracy" },
    marks: [
      ruleY([whole.accuracy], { strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      ...lines.map(({ name, colour, points }) =>
        line(points, {
          x: "x",
          y: "accuracy",
          stroke: colour,
          strokeWidth: 1.75,
          ariaDescription: name,
        })
      ),
      ...lines.map(({ name, colour, points }) =>
        dot(points, {
          x: "x",
          y: "accuracy",
          r: 3.5,
          fill: colour,
          ariaDescription: `${name}: points`,
        })
      ),
      link(labels, {
        x1: "x",
        y1: "accuracy",
        x2: "x",
        y2: "label",
        stroke: ({ colour }) => colour,
        strokeDasharray: "1 3",
      }),
      text(labels, {
        x: "x",
        y: "label",
        dx: 10,
        textAnchor: "start",
        text: ({ name }) => name,
        fill: ({ colour }) => colour,
        fontWeight: 600,
        ariaDescription: "layers",
      }),
    ],
  });
}

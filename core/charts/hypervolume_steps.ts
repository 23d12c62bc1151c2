import {
  type HypervolumeComparison,
  type HypervolumeCurve,
  type HypervolumeStep,
  valueAfter,
} from "../search/hypervolume.ts";
import { formatCount } from "../text/format_numbers.ts";
import { keyEntry } from "./key_entry.ts";
import { line, type Markish, renderPlot } from "./plot.ts";
import { LOOKS } from "./series.ts";

/** The mean of `curves` from where all have a file to where the first of them ends. */
function averageSteps(curves: readonly HypervolumeCurve[]): HypervolumeStep[] {
  const from = Math.max(...curves.map(({ steps }) => steps[0].seconds));
  const to = Math.min(...curves.map(({ seconds }) => seconds));
  const moments = curves.flatMap(({ steps }) =>
    steps.map(({ seconds }) => seconds)
  ).filter((seconds) => seconds >= from && seconds < to);
  return [...new Set([...moments, to])].sort((a, b) => a - b)
    .map((seconds) => ({
      seconds,
      hypervolume: curves.reduce(
        (sum, { steps }) => sum + valueAfter(steps, seconds),
        0,
      ) / curves.length,
    }));
}

/** The steps of `curve`, and where it ends. */
function drawnSteps({ steps, seconds }: HypervolumeCurve): HypervolumeStep[] {
  return [...steps, { seconds, hypervolume: valueAfter(steps, seconds) }];
}

/**
 * How the hypervolume of searches grew with the time that they searched, as SVG: each
 * study as a thin line, and a strong one for the mean of those of a way.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawHypervolumes } from "./hypervolume_steps.ts";
 *
 * const steps = [{ seconds: 1, hypervolume: 2 }];
 * const svg = drawHypervolumes({
 *   reference: { bytes: 1000, error: 0.9 },
 *   seconds: 9,
 *   studies: [{ study: "grid-1", way: "grid", files: 1, seconds: 9, hypervolume: 2, steps }],
 *   ways: [{ way: "grid", studies: ["grid-1"], hypervolume: { mean: 2, low: 2, high: 2 } }],
 * });
 * assertStringIncludes(svg, "<title>Hypervolume over time</title>");
 * ```
 */
export function drawHypervolumes(
  { reference, studies, ways }: HypervolumeComparison,
): string {
  const at = { x: "seconds", y: "hypervolume", curve: "step-after" } as const;
  const marks = ways.flatMap(({ way, studies: names }, index): Markish[] => {
    const { colour } = LOOKS[index % LOOKS.length];
    const members = studies.filter((study) => study.way === way);
    return [
      ...members.map((curve) =>
        line(drawnSteps(curve), {
          ...at,
          stroke: colour,
          strokeWidth: 1,
          strokeOpacity: 0.5,
          ariaDescription: curve.study,
        })
      ),
      line(averageSteps(members), {
        ...at,
        stroke: colour,
        strokeWidth: 2.5,
        ariaDescription: `${way}: mean`,
      }),
      keyEntry(
        names.length === 1 ? names[0] : `${way}: mean of ${names.length}`,
        {
          corner: "bottom-right",
          line: ways.length - 1 - index,
          fill: colour,
          fontWeight: 600,
        },
      ),
    ];
  });
  return renderPlot("Hypervolume over time", {
    x: { label: "seconds of searching", grid: true },
    y: {
      label: `hypervolume up to ${
        formatCount(Math.round(reference.bytes))
      } bytes and an error of ${reference.error.toFixed(2)}, in decades²`,
      grid: true,
    },
    marks,
  });
}

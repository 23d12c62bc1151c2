import { keepImproving } from "../../core/charts/keep_improving.ts";
import { labelPoints } from "../../core/charts/label_points.ts";
import { dot, line, type Markish } from "../../core/charts/plot.ts";
import { labelPoint } from "./label_point.ts";
import type { SitePoint } from "./site_point.ts";

/** A file where a chart shows it. */
export type PlacedFile = SitePoint & { x: number; y: number };

/** The files that no smaller one matches on validation: what would be chosen. */
export function listBestFiles<File extends SitePoint>(
  files: readonly File[],
  sizeOf: (file: File) => number = ({ bytes }) => bytes,
): File[] {
  return keepImproving(
    files,
    sizeOf,
    ({ validation }) => validation?.mean ?? 0,
  );
}

/** `.dram` files: `best` joined by a line, the others as faint dots. */
export function fileMarks(
  files: readonly PlacedFile[],
  best: readonly PlacedFile[],
  curve: "linear" | "step-before" = "linear",
): Markish[] {
  const others = files.filter((file) => !best.includes(file));
  const at = { x: "x", y: "y", className: "files" };
  return [
    line(best, {
      ...at,
      curve,
      stroke: "currentColor",
      strokeWidth: 1.75,
      ariaDescription: "files: line",
    }),
    dot(others, {
      ...at,
      r: 3,
      fill: "currentColor",
      fillOpacity: 0.4,
      render: labelPoints(others.map(labelPoint)),
      ariaDescription: "files: others",
    }),
    dot(best, {
      ...at,
      r: 4.5,
      fill: "currentColor",
      render: labelPoints(best.map(labelPoint)),
      ariaDescription: "files: best",
    }),
  ];
}

/** `.dram` files of the sweep's students, as small dots. */
export function studentFileMarks(files: readonly PlacedFile[]): Markish {
  return dot(files, {
    x: "x",
    y: "y",
    r: 2.5,
    className: "students",
    fill: "currentColor",
    fillOpacity: 0.55,
    render: labelPoints(files.map(labelPoint)),
    ariaDescription: "student files",
  });
}

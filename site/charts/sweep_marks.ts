import { labelPoints } from "../../core/charts/label_points.ts";
import type { Markish } from "../../core/charts/plot.ts";
import { seriesMarks } from "../../core/charts/series_marks.ts";
import { type AccuracyPlace, placeAccuracies } from "./accuracy_places.ts";
import type { SiteSeries } from "./chart_data.ts";
import type { ChartSize } from "./chart_size.ts";
import { labelPoint } from "./label_point.ts";
import type { LineName } from "./line_names.ts";
import type { SitePoint } from "./site_point.ts";

/** A series as a chart shows it. */
export interface PlacedSeries extends SiteSeries {
  means: AccuracyPlace[];
}

/** The students of a sweep by loss, placed at `placeOf` and their test accuracy. */
export function placeSeries(
  series: readonly SiteSeries[],
  placeOf: (point: SitePoint) => number | null,
  span: [number, number],
): PlacedSeries[] {
  return series.map((one) => ({
    ...one,
    means: placeAccuracies(one.groups, placeOf, span),
  }));
}

/**
 * The marks of a sweep's series, standing `apart` pixels from one another so that
 * intervals can be told apart; single students only where `singles` places them.
 */
export function sweepMarks(
  series: readonly PlacedSeries[],
  apart: number,
  singles: (series: SiteSeries) => AccuracyPlace[] = () => [],
): Markish[] {
  return series.flatMap((one, index) => {
    const { means, title, symbol, className } = one;
    const dx = apart * (index - (series.length - 1) / 2);
    const look = {
      title,
      colour: "currentColor",
      symbol,
      className,
      dx,
      faint: true,
    };
    const students = singles(one);
    return seriesMarks(means, students, look, {
      means: labelPoints(means.map(labelPoint)),
      singles: labelPoints(students.map(labelPoint)),
    });
  });
}

/** The series as lines to be named: on a phone by what tells them apart. */
export function nameSeries(
  series: readonly PlacedSeries[],
  { narrow }: ChartSize,
): LineName[] {
  return series.map(({ title, className, means }) => {
    const inBrackets = title.match(/\((.+)\)/)?.[1];
    const name = narrow && inBrackets ? inBrackets : title;
    return { name, className, points: means };
  });
}

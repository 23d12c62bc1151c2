import { type KnownScale, placePoint } from "../../core/charts/chart_frame.ts";
import { placeLabels } from "../../core/charts/place_labels.ts";
import { type Markish, text } from "../../core/charts/plot.ts";
import { BOLD_CHARACTER, type ChartSize } from "./chart_size.ts";

/** A point of a chart and what is to stand beside it. */
export interface DotName {
  x: number;
  y: number;
  name: string;
}

/** Texts beside points, as far as they cover none of `marks` and no other text. */
export function nameDots(
  dots: readonly DotName[],
  marks: readonly { x: number; y: number }[],
  { scales, size, className }: {
    scales: { x: KnownScale; y: KnownScale };
    size: ChartSize;
    className: string;
  },
): Markish[] {
  const toPixels = (at: { x: number; y: number }) =>
    placePoint(at, scales, size.frame);
  const places = placeLabels(
    dots.map((dot) => ({
      ...toPixels(dot),
      width: dot.name.length * BOLD_CHARACTER,
    })),
    marks.map(toPixels),
    size.frame,
  );
  return dots.flatMap((dot, index) => {
    const { cost, ...place } = places[index];
    if (cost > 0) return [];
    return text([dot], {
      x: "x",
      y: "y",
      text: "name",
      className,
      ...place,
      fontWeight: 600,
      ariaDescription: "dot name",
    });
  });
}

import type { KnownScale } from "../../core/charts/chart_frame.ts";
import type { Markish } from "../../core/charts/plot.ts";
import type { ChartSize } from "./chart_size.ts";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The handle of the accuracy asked for, on an axis of accuracies: the page's script
 * moves it, and reads from it where accuracies lie. Not to be seen without one.
 *
 * As data: the axis from `left` to `right` pixels goes from `low` to `high` nines,
 * −log10 of the error rate.
 */
export function targetMark(
  { domain: [low, high] }: KnownScale,
  { frame: { left, right, top, bottom } }: ChartSize,
): Markish {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const add = (
      parent: Element,
      name: string,
      attributes: Record<string, string | number>,
    ) => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) {
        element.setAttribute(key, String(value));
      }
      parent.appendChild(element);
      return element;
    };
    const group = document.createElementNS(SVG, "g");
    const data = { left, right, low, high };
    group.setAttribute("class", "target");
    group.setAttribute("aria-hidden", "true");
    for (const [key, value] of Object.entries(data)) {
      group.setAttribute(`data-${key}`, String(value));
    }
    add(group, "line", { y1: top, y2: bottom });
    add(group, "rect", {
      ...{ class: "grip", x: -12, width: 24 },
      ...{ y: top - 20, height: bottom - top + 20 },
    });
    add(group, "path", { d: `M-6,${top - 14}h12v8l-6,6l-6,-6z` });
    return group;
  };
}

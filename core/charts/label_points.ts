import type { RenderFunction } from "./plot.ts";

const SVG = "http://www.w3.org/2000/svg";

/** What a point of a chart on a page is, beside where it stands. */
export interface PointLabel {
  /** Unique among what the charts show. */
  key: string;
  /** The point in words. */
  label: string;
  /** Where the point leads, if anywhere. */
  href: string | null;
}

/**
 * The rendering of a mark whose shapes are to be read and followed: each becomes a
 * link, or an image where it leads nowhere, of class `point`, with its key as
 * `data-point` and its words as title: its name, and its tooltip.
 *
 * `labels` are the data's, in their order.
 */
export function labelPoints(labels: readonly PointLabel[]): RenderFunction {
  return (index, scales, values, dimensions, context, next) => {
    const group = next?.(index, scales, values, dimensions, context);
    if (!group) return null;
    const { document } = context;
    [...group.children].forEach((shape, place) => {
      const { key, label, href } = labels[index[place]];
      const holder = document.createElementNS(SVG, href ? "a" : "g");
      if (href) holder.setAttribute("href", href);
      else holder.setAttribute("role", "img");
      holder.setAttribute("class", "point");
      holder.setAttribute("data-point", key);
      const title = document.createElementNS(SVG, "title");
      title.textContent = label;
      group.replaceChild(holder, shape);
      holder.append(title, shape);
    });
    return group;
  };
}

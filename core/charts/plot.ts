// Plot's and linkedom's types are of elements.
import { plot, type PlotOptions } from "npm:@observablehq/plot@0.6.17";
import { parseHTML } from "npm:linkedom@0.18.15";

import { escapeUnseen } from "../text/clean_text.ts";

export {
  cell,
  dot,
  line,
  link,
  type Markish,
  type PlotOptions,
  type RenderFunction,
  ruleY,
  type ScaleOptions,
  text,
} from "npm:@observablehq/plot@0.6.17";

const SVG = "http://www.w3.org/2000/svg";

/** Dark ink on white, or the reverse where the reader prefers dark. */
const STYLE = `
.retort-chart { color-scheme: light dark; color: #222; background: #fff; }
.retort-chart text { font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  .retort-chart { color: #ddd; background: #16181c; }
}
`;

/** Attributes that hold coordinates, which Plot writes to 15 digits. */
const COORDINATES = ["d", "transform", "x", "y", "width", "height"].concat(
  ["x1", "x2", "y1", "y2", "cx", "cy", "r"],
);

/**
 * Draws `options` as a standalone SVG document: well-formed XML with its own
 * styles, `title` as its name, coordinates to a hundredth of a pixel.
 *
 * The same options give the same text. Uses no browser: the elements are
 * linkedom's.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { dot, renderPlot } from "./plot.ts";
 *
 * const svg = renderPlot("One point", { marks: [dot([[1, 2]], { r: 4 })] });
 * assertStringIncludes(svg, "<title>One point</title>");
 * ```
 */
export function renderPlot(title: string, options: PlotOptions): string {
  const svg = drawPlot(title, { style: { fontSize: "12px" }, ...options });
  svg.setAttribute("class", `${svg.getAttribute("class")} retort-chart`);
  svg.setAttribute("role", "img");
  const { ownerDocument } = svg;
  const name = ownerDocument.createElementNS(SVG, "title");
  name.textContent = title;
  const style = ownerDocument.createElementNS(SVG, "style");
  style.textContent = STYLE;
  svg.prepend(name, style);
  return `${escapeUnseen(svg.outerHTML)}\n`;
}

/**
 * Draws `options` as SVG for a page whose style sheet colours it: neither style
 * elements nor style attributes, which a strict CSP would refuse, and no size of
 * its own. It is a group named `title`, so that points in it may be links; the
 * descriptions of marks are their `data-mark`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { dot, renderPagePlot } from "./plot.ts";
 *
 * const svg = renderPagePlot("One point", { marks: [dot([[1, 2]], { r: 4 })] });
 * assert(!svg.includes("style"));
 * ```
 */
export function renderPagePlot(title: string, options: PlotOptions): string {
  const svg = drawPlot(title, options);
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const styled of svg.querySelectorAll("[style]")) {
    styled.removeAttribute("style");
  }
  // A group that has no role must have no name either.
  for (const group of svg.querySelectorAll("g:not([role])")) {
    const mark = group.getAttribute("aria-description") ??
      group.getAttribute("aria-label");
    if (mark) group.setAttribute("data-mark", mark);
    group.removeAttribute("aria-description");
    group.removeAttribute("aria-label");
  }
  for (const name of ["width", "height", "font-family", "font-size", "style"]) {
    svg.removeAttribute(name);
  }
  svg.setAttribute("class", "chart");
  svg.setAttribute("role", "group");
  return escapeUnseen(svg.outerHTML);
}

/** The element that `options` give, named `title`, in an XML document. */
function drawPlot(title: string, options: PlotOptions) {
  const { DOMParser } = parseHTML("");
  // Of an XML document, because those of HTML leave < and & in attributes.
  const document = new DOMParser().parseFromString(
    `<svg xmlns="${SVG}"/>`,
    "image/svg+xml",
  );
  const svg = plot({
    width: 720,
    height: 440,
    marginLeft: 60,
    marginRight: 48,
    marginBottom: 48,
    ...options,
    x: { labelAnchor: "center", labelArrow: "none", ...options.x },
    y: { labelArrow: "none", ...options.y },
    document,
    ariaLabel: title,
  });
  svg.setAttribute("xmlns", SVG);
  for (const element of svg.querySelectorAll("*")) {
    for (const attribute of COORDINATES) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, roundNumbers(value));
    }
  }
  return svg;
}

/** Every number in `text` to two decimals. */
function roundNumbers(text: string): string {
  return text.replace(
    /-?\d+\.\d+(e-?\d+)?/g,
    (number) => String(Number(Number(number).toFixed(2))),
  );
}

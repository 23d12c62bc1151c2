import { keyOf, listPoints, placePoints } from "./chart_places.ts";
import { findNearest } from "./nearest_point.ts";
import { stepPoint } from "./step_point.ts";

/** How far from a point one may point at it, in pixels. */
const REACH = 24;

/** Makes one point of `chart` its tab stop. */
function stopAt(chart: Element, key: string): void {
  for (const point of listPoints(chart)) {
    point.setAttribute("tabindex", keyOf(point) === key ? "0" : "-1");
  }
}

/** Prepares a chart that could be read without a script for one. */
function prepareChart(chart: Element): void {
  const points = listPoints(chart);
  for (const point of points) {
    const title = point.querySelector("title");
    point.setAttribute("aria-label", title?.textContent ?? "");
    // The panel says what the tooltip would.
    title?.remove();
  }
  const first = points.find((point) => point.tagName === "a") ?? points[0];
  if (first) stopAt(chart, keyOf(first));
}

/**
 * Calls `show` with the key of the point that is pointed at, tapped, or reached by
 * keyboard, on any of `charts`: one tab stop a chart, arrow keys between points. A
 * tap shows a point first, and follows its link the second time. Returns what ends
 * it.
 *
 * `charts` are the elements around the SVG: an SVG that listens for focus would be a
 * tab stop itself.
 */
export function followCharts(
  charts: readonly HTMLElement[],
  { show, readShown }: {
    show: (key: string) => void;
    /** The key of the point that is shown now. */
    readShown: () => string | null;
  },
): () => void {
  const end = new AbortController();
  const { signal } = end;
  for (const chart of charts) {
    prepareChart(chart);
    let tapped = false;
    const point = (event: MouseEvent) => {
      const at = { x: event.clientX, y: event.clientY };
      const key = findNearest(placePoints(chart), at, REACH);
      if (key && key !== readShown()) show(key);
      return key;
    };
    chart.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") point(event);
    }, { signal });
    chart.addEventListener("pointerdown", (event) => {
      const before = readShown();
      tapped = event.pointerType === "touch" && point(event) !== before;
    }, { signal });
    chart.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest(".target")) {
        return;
      }
      const isFirstTap = tapped;
      tapped = false;
      if (isFirstTap) return event.preventDefault();
      const isLink = event.target instanceof Element &&
        event.target.closest("a");
      const key = isLink ? null : point(event);
      const near = listPoints(chart).find((each) => keyOf(each) === key);
      const href = near?.getAttribute("href");
      if (href) location.assign(href);
    }, { signal });
    chart.addEventListener("focusin", (event) => {
      if (!(event.target instanceof Element)) return;
      const focused = event.target.closest(".point");
      if (!focused) return;
      stopAt(chart, keyOf(focused));
      show(keyOf(focused));
    }, { signal });
    chart.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const from = document.activeElement?.closest(".point");
      if (!from) return;
      const key = stepPoint(placePoints(chart), keyOf(from), event.key);
      if (key === null) return;
      event.preventDefault();
      listPoints(chart).find((each) => keyOf(each) === key)?.focus();
    }, { signal });
  }
  return () => end.abort();
}

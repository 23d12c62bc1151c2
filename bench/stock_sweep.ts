/** A measured point: how long one step takes at a width, in ms. */
export interface StepTime {
  hidden: number;
  milliseconds: number;
}

/**
 * How long a step takes at `hidden` units, in ms: straight lines between the
 * points, which ascend, and their ends beyond them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { interpolateStep } from "./stock_sweep.ts";
 *
 * const points = [{ hidden: 1, milliseconds: 10 }, { hidden: 5, milliseconds: 30 }];
 * assertEquals([0, 2, 9].map((hidden) => interpolateStep(points, hidden)), [10, 15, 30]);
 * ```
 */
export function interpolateStep(points: StepTime[], hidden: number): number {
  const next = points.findIndex((point) => point.hidden >= hidden);
  if (next === 0) return points[0].milliseconds;
  if (next < 0) return points[points.length - 1].milliseconds;
  const [a, b] = [points[next - 1], points[next]];
  const share = (hidden - a.hidden) / (b.hidden - a.hidden);
  return a.milliseconds + share * (b.milliseconds - a.milliseconds);
}

/**
 * What it takes to train students of these widths one by one, in ms: `steps` each, at
 * the time that a step takes at its width. Validation, tests and starts are left
 * out, in favour of whom this is the time of.
 */
export function estimateOneByOne(
  points: StepTime[],
  hidden: number[],
  steps: number,
): number {
  return hidden.reduce(
    (sum, each) => sum + steps * interpolateStep(points, each),
    0,
  );
}

import type { KnownScale } from "./chart_frame.ts";

/** Where an axis of accuracy has ticks, as far as it shows them. */
const ACCURACIES = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98]
  .concat([0.99, 0.995, 0.998, 0.999]);

/**
 * −log10 of the error rate, 1 − accuracy: 1 at 0.9, 2 at 0.99. Shares up to the
 * last half image of `images` count as that, as the logarithm has no zero.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { countNines } from "./scales.ts";
 *
 * assertAlmostEquals(countNines(0.99, 10_000), 2);
 * assertAlmostEquals(countNines(1, 10_000), Math.log10(20_000));
 * ```
 */
export function countNines(accuracy: number, images: number): number {
  return -Math.log10(Math.min(1, Math.max(1 - accuracy, 0.5 / images)));
}

/** The accuracy of so many nines: 1 − 10^−n. */
export function accuracyOfNines(nines: number): number {
  return 1 - 10 ** -nines;
}

/** The accuracies from the least to the most of `values` that deserve a tick. */
export function accuracyTicks(values: number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return ACCURACIES.filter((tick) => tick >= least && tick <= most);
}

/**
 * A scale of accuracies on `images` images, logarithmic in the error rate: 0.97
 * and 0.98 stand farther apart than 0.7 and 0.8, and 0.3 still has its place. At
 * `most` so many ticks would fit, were they evenly spread.
 */
export function accuracyScale(
  values: number[],
  images: number,
  most = Infinity,
): KnownScale {
  const nines = (accuracy: number) => countNines(accuracy, images);
  const domain = spanWith(values.map(nines), 0.06);
  const shown = domain.map(accuracyOfNines);
  return {
    grid: true,
    transform: nines,
    domain,
    ticks: thinTicks(accuracyTicks(shown).map(nines), domain, most),
    tickFormat: (tick: number) => Number(accuracyOfNines(tick).toFixed(4)),
  };
}

/** Those of `ticks` that have room for one of `most`, the round nines before the others. */
function thinTicks(
  ticks: number[],
  [least, end]: [number, number],
  most: number,
): number[] {
  const room = (end - least) / most;
  const ranked = ticks.toSorted((a, b) => rankTick(a) - rankTick(b) || b - a);
  const kept = ranked.reduce<number[]>(
    (kept, tick) =>
      kept.some((other) => Math.abs(other - tick) < room)
        ? kept
        : [...kept, tick],
    [],
  );
  return kept.sort((a, b) => a - b);
}

/** 0 for 0.9, 0.99 and 0.999, 1 for their halves, 2 for others. */
function rankTick(nines: number): number {
  const rest = Number((nines - Math.floor(nines + 1e-9)).toFixed(3));
  return rest === 0 ? 0 : rest === 0.301 ? 1 : 2;
}

/** A logarithmic scale with a tick at each of `values` that has room for one of `most`. */
export function widthScale(values: number[], most = 26): KnownScale {
  const places = [...new Set(values)].sort((a, b) => a - b).map(Math.log10);
  const domain = spanWith(places, 0.08);
  const room = (domain[1] - domain[0]) / most;
  const ticks = places.reduce<number[]>(
    (kept, place) =>
      place - (kept.at(-1) ?? -Infinity) < room ? kept : [...kept, place],
    [],
  );
  return {
    transform: Math.log10,
    domain,
    ticks,
    tickFormat: (tick: number) => Math.round(10 ** tick),
  };
}

/**
 * A logarithmic scale with ticks at 1, 2 and 5 times the powers of ten, or at the
 * powers alone where those would be more than `most`.
 */
export function magnitudeScale(
  values: number[],
  format: (value: number) => string,
  most = Infinity,
): KnownScale {
  const domain = spanWith(values.map(Math.log10), 0.08);
  const ticks = [];
  for (let power = Math.floor(domain[0]); power <= domain[1]; power++) {
    ticks.push(...[1, 2, 5].map((digit) => Math.log10(digit) + power));
  }
  const shown = ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]);
  return {
    grid: true,
    transform: Math.log10,
    domain,
    ticks: shown.length <= most ? shown : shown.filter(Number.isInteger),
    tickFormat: (tick: number) => format(Number((10 ** tick).toPrecision(1))),
  };
}

/** Least and most of `values`, and `margin` beyond each. */
function spanWith(values: number[], margin: number): [number, number] {
  return [Math.min(...values) - margin, Math.max(...values) + margin];
}

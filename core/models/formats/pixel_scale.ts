import type { AffineStep, ForeignRow, RowStep } from "./row.ts";

/**
 * What a model reads of a pixel that is 0 to 1 here: (pixel · scale − mean) / deviation,
 * by one mean and deviation, or by one of each channel.
 */
export interface PixelScale {
  /** What a white pixel is, before it is normalised: 1, or 255. */
  scale: number;
  /** What is taken away: a number, or one a channel. */
  mean: number[];
  /** What that is divided by. */
  deviation: number[];
}

/** Pixels as bytes, of which ours are 255ths. */
export const BYTES: PixelScale = { scale: 255, mean: [0], deviation: [1] };

/** A model that scales its input down by so much wants pixels of 0 to 255. */
export const SMALL_FACTOR = 1 / 16;

/**
 * The row of a model that reads pixels of 0 to 1, and what it was made to read: `pixels`,
 * where they say it. Where nothing says it, a model that first scales by 1/16 or less was
 * made to read pixels of 0 to 255.
 */
export function scalePixels(
  row: ForeignRow,
  pixels?: PixelScale,
): { row: ForeignRow; pixels?: PixelScale } {
  const { steps } = row;
  const end = steps.findIndex(({ kind }) => kind !== "affine");
  const first = steps.slice(0, end === -1 ? steps.length : end)
    .filter((step): step is AffineStep => step.kind === "affine");
  const isSmall = first.length > 0 &&
    Array.from(
      { length: Math.max(...first.map(({ scale }) => scale.length)) },
      (_, i) =>
        first.reduce(
          (factor, { scale }) => factor * scale[i % scale.length],
          1,
        ),
    ).every((factor) => Math.abs(factor) <= SMALL_FACTOR);
  const read = pixels ?? (isSmall ? BYTES : undefined);
  if (!read) return { row };
  const { scale, mean, deviation } = read;
  const count = Math.max(mean.length, deviation.length);
  const each = (of: (mean: number, deviation: number) => number) =>
    Float64Array.from(
      { length: count },
      (_, i) => of(mean[i % mean.length], deviation[i % deviation.length]),
    );
  const step: RowStep = {
    kind: "affine",
    name: first[0]?.name ?? "pixels",
    axis: -1,
    scale: each((_, deviation) => scale / deviation),
    offset: each((mean, deviation) => -mean / deviation),
  };
  return { row: { ...row, steps: [step, ...steps] }, pixels: read };
}

/** 65,536 / (1 + e^−x) at x = 0, ½, …, 8, rounded. */
const CURVE = [
  32768,
  40793,
  47911,
  53581,
  57724,
  60565,
  62428,
  63615,
  64357,
  64816,
  65097,
  65269,
  65374,
  65438,
  65476,
  65500,
  65514,
];

/** Largest |x| that the curve covers: 8, in 256ths. */
export const CURVE_END = 2047;

/**
 * The logistic function 65,536 / (1 + e^(−x/256)) of an integer x, straight
 * between multiples of 128; x beyond ±{@linkcode CURVE_END} counts as that. In integers, so
 * that every decoder gets the same.
 */
export function squash(x: number): number {
  const size = Math.min(Math.abs(x), CURVE_END);
  const place = size >> 7;
  const part = size & 127;
  const value = CURVE[place] +
    ((CURVE[place + 1] - CURVE[place]) * part >> 7);
  return x < 0 ? 65536 - value : value;
}

let inverse: Int16Array | undefined;

/** The inverse of {@linkcode squash}: the least x with squash(x) ≥ `probability`, to 12 bits of it. */
export function stretch(probability: number): number {
  if (!inverse) {
    inverse = new Int16Array(4096).fill(CURVE_END);
    for (let x = -CURVE_END, next = 0; x <= CURVE_END; x++) {
      while (next <= squash(x) >> 4) inverse[next++] = x;
    }
  }
  return inverse[probability >> 4];
}

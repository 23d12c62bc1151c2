import type { Xoshiro128 } from "../random/xoshiro128.ts";

/** How far each pixel is moved: two fields `[height, width]`. */
export interface DisplacementField {
  across: Float32Array<ArrayBuffer>;
  down: Float32Array<ArrayBuffer>;
}

/** Standard deviations after which a Gaussian is cut off. */
const REACH = 3;
const HALF = 2 ** 16;

/**
 * g_i ∝ exp(−i² / 2σ²) for −⌈3σ⌉ ≤ i ≤ ⌈3σ⌉, Σ g_i = 1; σ `deviation` is > 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { gaussianWeights } from "./elastic_field.ts";
 *
 * const [edge, middle] = gaussianWeights(1 / 3);
 * assertAlmostEquals(edge / middle, Math.exp(-4.5), 1e-7);
 * ```
 */
export function gaussianWeights(deviation: number): Float32Array<ArrayBuffer> {
  const reach = Math.ceil(REACH * deviation);
  const raw = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return Float32Array.from(raw, (value) => value / sum);
}

/**
 * Each of `lines` lines of `count` values smoothed by `weights`, 0 beyond its
 * ends, and written as a column: so that doing it twice smooths both ways.
 */
function smoothLines(
  from: Float32Array,
  to: Float32Array,
  [lines, count]: [number, number],
  weights: Float32Array,
): void {
  const reach = (weights.length - 1) / 2;
  for (let line = 0; line < lines; line++) {
    const start = line * count;
    for (let place = 0; place < count; place++) {
      const first = Math.max(0, place - reach);
      const last = Math.min(count - 1, place + reach);
      const offset = reach - place;
      let sum = 0;
      for (let i = first; i <= last; i++) {
        sum += from[start + i] * weights[i + offset];
      }
      to[place * lines + line] = sum;
    }
  }
}

/**
 * Draws elastic fields of images of one size: u and v = amplitude · (g ∗ noise),
 * where the noise is uniform over [−1, 1), 0 outside the image, and g the Gaussian
 * of {@linkcode gaussianWeights}, in pixels. The function that it gives fills the
 * same two arrays again and again.
 *
 * Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural
 * networks applied to visual document analysis", 2003, section 2, where σ = 4 and
 * the amplitude, α, is 34.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { elasticField } from "./elastic_field.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const draw = elasticField([28, 28], { amplitude: 34, deviation: 4 });
 * const { across } = draw(randomStream(1));
 * assert(across.every((pixels) => Math.abs(pixels) < 34));
 * ```
 */
export function elasticField(
  [height, width]: readonly [number, number],
  { amplitude, deviation }: { amplitude: number; deviation: number },
): (random: Xoshiro128) => DisplacementField {
  const size = height * width;
  const along = gaussianWeights(deviation);
  const scaled = along.map((weight) => weight * amplitude);
  const noise = [new Float32Array(size), new Float32Array(size)];
  const halfway = new Float32Array(size);
  const [across, down] = [new Float32Array(size), new Float32Array(size)];
  return (random) => {
    for (let i = 0; i < size; i++) {
      const word = random.uint32();
      noise[0][i] = (word & (HALF - 1)) * (2 / HALF) - 1;
      noise[1][i] = (word >>> 16) * (2 / HALF) - 1;
    }
    [across, down].forEach((field, index) => {
      smoothLines(noise[index], halfway, [height, width], along);
      smoothLines(halfway, field, [width, height], scaled);
    });
    return { across, down };
  };
}

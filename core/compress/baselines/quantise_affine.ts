/** Numbers as bytes: w = q · scale + min. */
export interface AffineBytes {
  /** One a number. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What byte 0 stands for. */
  min: number;
  /** From one byte to the next. */
  scale: number;
}

const MOST = 255;

/**
 * qᵢ = round((wᵢ − min) / scale), scale = (max w − min w) / 255, with `min` moved so
 * that 0 is a whole byte where it lies between: 8 bits as TensorFlow.js's converter
 * gives each weight of its own.
 *
 * Source: `quantization.py` of the Python package tensorflowjs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantiseAffine } from "./quantise_affine.ts";
 *
 * const { bytes, min, scale } = quantiseAffine(Float32Array.of(-1, 0, 4.1));
 * assertEquals(bytes, Uint8Array.of(0, 50, 255));
 * assertEquals(bytes[1] * scale + min, 0);
 * ```
 */
export function quantiseAffine(values: Float32Array): AffineBytes {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  if (least === most) {
    return { bytes: new Uint8Array(values.length), min: least, scale: 1 };
  }
  const scale = (most - least) / MOST;
  const spansZero = least <= 0 && most >= 0;
  const min = spansZero ? -Math.round(-least / scale) * scale : least;
  const max = min + MOST * scale;
  const bytes = Uint8Array.from(
    values,
    (value) => Math.round((Math.min(max, Math.max(min, value)) - min) / scale),
  );
  return { bytes, min, scale };
}

import type { Xoshiro128 } from "../random/xoshiro128.ts";
import type { AugmentationSpec } from "./augmentation.ts";

/**
 * Where a pixel of the new image comes from, relative to the image's centre:
 * (`aa`·x + `ab`·y + `across`, `ba`·x + `bb`·y + `down`).
 */
export interface AffineMap {
  aa: number;
  ab: number;
  ba: number;
  bb: number;
  across: number;
  down: number;
}

/**
 * The inverse of scaling by f, shearing by k, turning by φ and moving by
 * (tx, ty), in this order, so that a new image is filled by looking each pixel up:
 *
 * p ↦ S(k)⁻¹ · R(−φ) · (p − t) / f, S(k) = [[1, k], [0, 1]]
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affineMap } from "./draw_affine.ts";
 *
 * const map = affineMap({ factor: 2, shear: 0, radians: 0, across: 4, down: 0 });
 * assertEquals([map.aa, map.across], [0.5, -2]);
 * ```
 */
export function affineMap(
  { factor, shear, radians, across, down }: {
    factor: number;
    shear: number;
    radians: number;
    across: number;
    down: number;
  },
): AffineMap {
  const cos = Math.cos(radians) / factor;
  const sin = Math.sin(radians) / factor;
  const aa = cos + shear * sin;
  const ab = sin - shear * cos;
  const [ba, bb] = [-sin, cos];
  return {
    aa,
    ab,
    ba,
    bb,
    across: -(aa * across + ab * down),
    down: -(ba * across + bb * down),
  };
}

/**
 * A random {@linkcode affineMap} within the bounds of `spec`, every number
 * uniform over its interval.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NO_AUGMENTATION } from "./augmentation.ts";
 * import { drawAffine } from "./draw_affine.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const { aa, bb, across } = drawAffine(NO_AUGMENTATION, randomStream(1));
 * assertEquals([aa, bb, Math.abs(across)], [1, 1, 0]);
 * ```
 */
export function drawAffine(
  { shift, scale, rotation, shear }: AugmentationSpec,
  random: Xoshiro128,
): AffineMap {
  const within = (reach: number) => (2 * random.uniform() - 1) * reach;
  return affineMap({
    factor: 1 + within(scale),
    shear: within(shear),
    radians: within(rotation) * Math.PI / 180,
    across: within(shift),
    down: within(shift),
  });
}

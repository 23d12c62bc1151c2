import { listLayers } from "../../core/models/layers/layers.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import type { InsideUnits } from "../inside_data.ts";
import { drawSigned } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** How many units are pictured. */
const SHOWN = 16;

/** Layers that hand on what they read. */
const PASSING = ["flatten", "dropout"];

/**
 * Whether `layer`, one of `spec`'s, is dense and reads the pixels of images of one
 * channel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeEncoded } from "../../tests/site/inside/encoded_models.ts";
 * import { readsImage } from "./picture_units.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const model = makeEncoded("dense3");
 * const layers = weighedLayers(model);
 * assertEquals(layers.map((layer) => readsImage(model.spec, layer)), [true, false]);
 * ```
 */
export function readsImage(
  { input, layers }: ModelSpec,
  { layer, place }: WeighedLayer,
): boolean {
  return layer.kind === "dense" && input[2] === 1 &&
    listLayers(layers).slice(0, place).every(({ kind }) =>
      PASSING.includes(kind)
    );
}

/**
 * The weights of `first`, a dense layer that reads images of `width`, unit by unit:
 * the 16 with the largest Σ w², each in its place in the image. All are on one
 * scale, that of the largest |w| among them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeEncoded } from "../../tests/site/inside/encoded_models.ts";
 * import { pictureUnits } from "./picture_units.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const { count, pictures } = pictureUnits(weighedLayers(makeEncoded("dense20"))[0], 28);
 * assertEquals([count, pictures.length, pictures[0].height], [20, 16, 28]);
 * ```
 */
export function pictureUnits(
  { kernel, encoded: [{ shape: [inputs, units] }] }: WeighedLayer,
  width: number,
): InsideUnits {
  const rows = Array.from({ length: units }, (_, unit) => {
    const weights = Float32Array.from(
      { length: inputs },
      (_, input) => kernel[input * units + unit],
    );
    return { weights, power: weights.reduce((sum, w) => sum + w * w, 0) };
  });
  const shown = rows.toSorted((a, b) => b.power - a.power).slice(0, SHOWN);
  const most = shown.reduce(
    (most, { weights }) =>
      weights.reduce((most, w) => Math.max(most, Math.abs(w)), most),
    Number.MIN_VALUE,
  );
  return {
    count: units,
    pictures: shown.map(({ weights }) =>
      drawSigned(width, weights.map((w) => w / most))
    ),
  };
}

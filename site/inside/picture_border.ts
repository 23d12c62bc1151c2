import { listLayers } from "../../core/models/layers/layers.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import type { InsideBorder } from "../inside_data.ts";
import { countReadings } from "./count_readings.ts";
import { drawMarked } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/**
 * Which pixels of an image of one channel the model reads, and how often, against
 * those that are `blank` in all of the data.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeEncoded } from "../../tests/site/inside/encoded_models.ts";
 * import { pictureBorder } from "./picture_border.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * // 5×5 windows that are 2 apart leave out the last of 28 rows, and the last column.
 * const model = makeEncoded("conv5x4/2");
 * const { pixels, read } = pictureBorder(model.spec, weighedLayers(model)[0], new Array(784).fill(false));
 * assertEquals([pixels, read], [784, 27 * 27]);
 * ```
 */
export function pictureBorder(
  { input, layers }: ModelSpec,
  first: WeighedLayer,
  blank: readonly boolean[],
): InsideBorder {
  const before = listLayers(layers).slice(0, first.place);
  const readings = countReadings(input, before, first);
  const most = readings.reduce((a, b) => Math.max(a, b), 0);
  // A convolution reads blank pixels by weights that it has anyway.
  const wasted = first.layer.kind === "dense" ? "vermillion" : "grey";
  const marks = blank.map((isBlank, pixel) =>
    !isBlank ? "none" : readings[pixel] > 0 ? wasted : "grey"
  );
  return {
    pixels: blank.length,
    blank: blank.filter(Boolean).length,
    read: readings.filter((count) => count > 0).length,
    blankRead: blank.filter((isBlank, pixel) => isBlank && readings[pixel] > 0)
      .length,
    mostReadings: most,
    picture: drawMarked(
      input[1],
      readings.map((count) => count / Math.max(1, most)),
      marks,
    ),
  };
}

import { modelCost } from "../../core/models/cost.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import type { InsideFeatures } from "../inside_data.ts";
import { findBlankPlaces } from "./find_blank_places.ts";
import { drawMarked } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** Places of the smallest map that is pictured. */
const FEWEST_PLACES = 36;

/**
 * The weights of the first dense layer after convolutions by the place that they
 * read; null where there is none, or its map has fewer than 6×6 places.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeEncoded } from "../../tests/site/inside/encoded_models.ts";
 * import { pictureFeatures } from "./picture_features.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const model = makeEncoded("conv5x4/2,dense3");
 * const features = pictureFeatures(model.spec, weighedLayers(model), new Array(784).fill(true));
 * assertEquals(features?.shape, [12, 12, 4]);
 * assertEquals(features?.blankWeights, features?.weights); // all of the image is blank
 * ```
 */
export function pictureFeatures(
  spec: ModelSpec,
  layers: readonly WeighedLayer[],
  blank: readonly boolean[],
): InsideFeatures | null {
  const costs = modelCost(spec).layers;
  const flatten = costs.findIndex(({ layer }) => layer.kind === "flatten");
  const dense = layers.find(({ layer }) => layer.kind === "dense");
  if (flatten < 1 || !dense || dense === layers[0]) return null;
  const [height, width, channels] = costs[flatten].input;
  if (height * width < FEWEST_PLACES) return null;
  const { kernel, encoded: [{ shape: [, units] }] } = dense;
  const block = channels * units; // weights that read one place
  const places = findBlankPlaces(spec, flatten, blank);
  const left = new Float64Array(places.length);
  const sums = new Float64Array(places.length);
  kernel.forEach((w, i) => {
    const place = Math.floor(i / block);
    left[place] += Number(w !== 0);
    sums[place] += Math.abs(w);
  });
  const most = Math.max(...sums, Number.MIN_VALUE);
  const marks = places.map((isBlank, place) =>
    left[place] === 0 ? "grey" : isBlank ? "vermillion" : "none"
  );
  const blankPlaces = places.filter(Boolean).length;
  return {
    shape: [height, width, channels],
    units,
    weights: kernel.length,
    left: left.reduce((a, b) => a + b, 0),
    emptyPlaces: left.filter((count) => count === 0).length,
    blankPlaces,
    blankWeights: blankPlaces * block,
    blankLeft: left.reduce((sum, n, i) => sum + (places[i] ? n : 0), 0),
    picture: drawMarked(width, sums.map((sum) => sum / most), marks),
  };
}

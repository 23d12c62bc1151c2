import { modelCost } from "../../core/models/cost.ts";
import type { Extent, WindowFields } from "../../core/models/layers/layer.ts";
import { poolWindows } from "../../core/models/layers/pools.ts";
import { windowSpans } from "../../core/models/layers/window_span.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import type { InsideFeatures } from "../inside_data.ts";
import { drawMarked } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** Which rows (axis 0) or columns (axis 1) of `extent` a window reads: from, to. */
type Reach = (index: number, extent: number, axis: 0 | 1) => [number, number];

/** What windows read of their input, and what lies between their places. */
function reachWindows(layer: WindowFields & { dilation?: Extent }): Reach {
  return (index, extent, axis) => {
    const windows = windowSpans(layer, [extent, extent])[axis];
    const start = index * windows.stride - windows.before;
    const reach = (windows.size - 1) * windows.dilation + 1;
    return [Math.max(0, start), Math.min(extent, start + reach)];
  };
}

/** What a layer's output at a row or column reads of its input; undefined: of all of it. */
function reachOf(layer: ModelSpec["layers"][number]): Reach | undefined {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      return reachWindows(layer);
    case "maxPool2d":
    case "averagePool2d":
      return reachWindows(poolWindows(layer));
    case "dropout":
    case "residual": // What it adds reads at least that place.
      return (index) => [index, index + 1];
    case "globalAveragePool2d":
    case "globalMaxPool2d":
    case "flatten":
    case "dense":
    case "softmax":
      return undefined;
    default:
      return layer satisfies never;
  }
}

/**
 * Which places of the map that layer number `end` gives, `[height · width]`, see
 * nothing but blank pixels: whatever the image, all their channels are the same.
 * `blank` says it of the pixels of images of one channel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { teacherSpec } from "../../core/models/teacher.ts";
 * import { findBlankPlaces } from "./picture_features.ts";
 *
 * // Blank but for the lower right quarter; a place of 12×12 sees 6×6 pixels, 2 apart.
 * const blank = Array.from({ length: 784 }, (_, i) => i < 14 * 28 || i % 28 < 14);
 * const places = findBlankPlaces(teacherSpec(), 3, blank);
 * assertEquals([places.length, places[0], places[4 * 12 + 4], places[5 * 12 + 5]], [144, true, true, false]);
 * ```
 */
export function findBlankPlaces(
  spec: ModelSpec,
  end: number,
  blank: readonly boolean[],
): boolean[] {
  let map = [...blank];
  let [height, width] = spec.input;
  for (const { layer, output } of modelCost(spec).layers.slice(0, end)) {
    const reach = reachOf(layer);
    if (!reach) break;
    const [rows, columns] = output;
    const isBlank = (row: number, column: number) => {
      const [top, bottom] = reach(row, height, 0);
      const [left, right] = reach(column, width, 1);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          if (!map[y * width + x]) return false;
        }
      }
      return true;
    };
    map = Array.from(
      { length: rows * columns },
      (_, i) => isBlank(Math.floor(i / columns), i % columns),
    );
    [height, width] = [rows, columns];
  }
  return map;
}

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

import { type LayerCost, modelCost } from "../../core/models/cost.ts";
import { poolWindows } from "../../core/models/layers/pools.ts";
import {
  type AxisWindows,
  windowSpans,
} from "../../core/models/layers/window_span.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import type { InsideBorder } from "../inside_data.ts";
import { drawMarked } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** Weights other than 0 by which a convolution multiplies each number that it reads. */
function countConvolved(
  { layer, input, kernel, encoded: [{ shape }] }: WeighedLayer,
): Float64Array {
  const [height, width, channels] = input;
  const counts = new Float64Array(height * width * channels);
  if (layer.kind !== "conv2d" && layer.kind !== "depthwiseConv2d") {
    return counts;
  }
  const filters = shape[3];
  const [rows, columns] = windowSpans(layer, input);
  for (let entry = 0; entry < kernel.length; entry++) {
    if (kernel[entry] === 0) continue;
    const read = Math.floor(entry / filters); // [rows, columns, channels]
    const channel = read % channels;
    const tap = Math.floor(read / channels);
    const kx = tap % columns.size * columns.dilation;
    const ky = Math.floor(tap / columns.size) * rows.dilation;
    for (let row = 0; row < rows.count; row++) {
      const y = row * rows.stride + ky - rows.before;
      if (y < 0 || y >= height) continue;
      for (let column = 0; column < columns.count; column++) {
        const x = column * columns.stride + kx - columns.before;
        if (x < 0 || x >= width) continue;
        counts[(y * width + x) * channels + channel]++;
      }
    }
  }
  return counts;
}

/** Weights other than 0 by which a dense layer multiplies each number that it reads. */
function countDense({ kernel, encoded: [{ shape }] }: WeighedLayer) {
  const [inputs, units] = shape;
  const counts = new Float64Array(inputs);
  kernel.forEach((w, i) => {
    if (w !== 0) counts[Math.floor(i / units)]++;
  });
  return counts;
}

/** Counts of what a layer gives, at what it reads. */
function passBack(
  { layer, input }: LayerCost,
  counts: Float64Array,
): Float64Array {
  switch (layer.kind) {
    case "dropout":
    case "flatten":
    case "softmax":
      return counts;
    case "globalAveragePool2d":
    case "globalMaxPool2d": {
      const [height, width] = input;
      const windows = windowSpans({ size: [height, width] }, input);
      return spreadWindows(counts, input, windows);
    }
    case "maxPool2d":
    case "averagePool2d":
      return spreadWindows(
        counts,
        input,
        windowSpans(poolWindows(layer), input),
      );
    case "conv2d":
    case "depthwiseConv2d":
    case "dense":
    case "residual":
      throw new Error(
        `can't tell what is read before layer "${layer.name}": a layer before the first weights must have none, got ${layer.kind}`,
      );
    default:
      return layer satisfies never;
  }
}

/** Counts of windows, at each number of their input; what none reads has 0. */
function spreadWindows(
  counts: Float64Array,
  [height, width, channels]: readonly number[],
  [down, across]: readonly [AxisWindows, AxisWindows],
): Float64Array {
  const spread = new Float64Array(height * width * channels);
  counts.forEach((count, i) => {
    const place = Math.floor(i / channels);
    const top = Math.floor(place / across.count) * down.stride - down.before;
    const left = place % across.count * across.stride - across.before;
    const end = Math.min(height, top + down.size);
    const last = Math.min(width, left + across.size);
    for (let y = Math.max(0, top); y < end; y++) {
      for (let x = Math.max(0, left); x < last; x++) {
        spread[(y * width + x) * channels + i % channels] += count;
      }
    }
  });
  return spread;
}

/**
 * By how many weights other than 0 a model multiplies each number of an image, in
 * its first layer that has weights, over all places of a convolution: `[height ·
 * width · channels]`. `before` are the layers before `first`, which have none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { countReadings } from "./picture_border.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const counts = countReadings([], weighedLayers(smallModel())[0]);
 * assertEquals(counts.length, 784);
 * assertEquals(counts[0] <= 5 && counts[14 * 28 + 14] > 5, true); // by one window, by nine
 * ```
 */
export function countReadings(
  before: readonly LayerCost[],
  first: WeighedLayer,
): Float64Array {
  const counts = first.layer.kind === "dense"
    ? countDense(first)
    : countConvolved(first);
  return before.reduceRight((counts, cost) => passBack(cost, counts), counts);
}

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
  spec: ModelSpec,
  first: WeighedLayer,
  blank: readonly boolean[],
): InsideBorder {
  const before = modelCost(spec).layers.slice(0, first.place);
  const readings = countReadings(before, first);
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
      spec.input[1],
      readings.map((count) => count / Math.max(1, most)),
      marks,
    ),
  };
}

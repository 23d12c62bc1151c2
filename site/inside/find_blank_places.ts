import { modelCost } from "../../core/models/cost.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { windowSpan } from "../../core/models/layers/window_span.ts";

/** Which rows, or columns, of `extent` a window reads: from, to. */
type Reach = (index: number, extent: number) => [number, number];

/** What a layer's output at a row or column reads of its input; undefined: of all of it. */
function reachOf(layer: ModelSpec["layers"][number]): Reach | undefined {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      const { size, stride = 1, padding } = layer;
      return (index, extent) => {
        const start = index * stride -
          windowSpan(extent, size, stride, padding).before;
        return [Math.max(0, start), Math.min(extent, start + size)];
      };
    }
    case "maxPool2d":
    case "averagePool2d":
      return (index) => [index * layer.size, (index + 1) * layer.size];
    case "dropout":
    case "residual": // What it adds reads at least that place.
      return (index) => [index, index + 1];
    case "globalAveragePool2d":
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
 * import { findBlankPlaces } from "./find_blank_places.ts";
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
      const [top, bottom] = reach(row, height);
      const [left, right] = reach(column, width);
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

import type { InsideFilters } from "../inside_data.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** `values` of a kernel `[size, size, channels, filters]`, a list a filter. */
function byFilter(values: ArrayLike<number>, filters: number): number[][] {
  return Array.from({ length: filters }, (_, filter) =>
    Array.from(
      { length: values.length / filters },
      (_, i) => values[i * filters + filter],
    ));
}

/**
 * The kernels of `first`, a convolution that reads images of one channel, to four
 * digits; null of any other layer, and of windows that aren't square.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { copyFilters } from "./copy_filters.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const filters = copyFilters(weighedLayers(smallModel())[0]);
 * assertEquals([filters?.size, filters?.values.length, filters?.values[0].length], [3, 5, 9]);
 * ```
 */
export function copyFilters(
  { layer, input, encoded: [encoded], kernel }: WeighedLayer,
): InsideFilters | null {
  if (layer.kind !== "conv2d" || input[2] !== 1) return null;
  if (typeof layer.size !== "number") return null;
  const rounded = Array.from(kernel, (w) => Number(w.toPrecision(4)));
  return {
    size: layer.size,
    values: byFilter(rounded, layer.filters),
    levels: encoded.kind === "uniform"
      ? byFilter(encoded.levels, layer.filters)
      : null,
  };
}

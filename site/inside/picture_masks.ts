import { channelCount } from "../../core/infer/channel_count.ts";
import type { InsideMask } from "../inside_data.ts";
import { describeLayer } from "../../core/models/layers/layer_forms.ts";
import { drawInk } from "./pictures.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/** Largest extent of a picture, in cells. */
const MOST_ROWS = 64;
const MOST_COLUMNS = 96;

/** Share of zeros from which a kernel counts as pruned. */
const SPARSE = 0.5;

function pictureMask({ layer, kernel, encoded }: WeighedLayer): InsideMask {
  const rows = channelCount(encoded[0].shape);
  const columns = kernel.length / rows;
  const cell: [number, number] = [
    Math.ceil(rows / MOST_ROWS),
    Math.ceil(columns / MOST_COLUMNS),
  ];
  const across = Math.ceil(columns / cell[1]);
  const cells = across * Math.ceil(rows / cell[0]);
  const [left, all] = [new Float64Array(cells), new Float64Array(cells)];
  kernel.forEach((w, i) => {
    const [row, column] = [i % rows, Math.floor(i / rows)];
    const at = Math.floor(row / cell[0]) * across +
      Math.floor(column / cell[1]);
    all[at]++;
    left[at] += Number(w !== 0);
  });
  const shares = left.map((count, at) => count / all[at]);
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  return {
    layer: describeLayer(layer),
    rows,
    columns,
    left: left.reduce((a, b) => a + b, 0),
    cell,
    most,
    picture: drawInk(
      across,
      shares.map((share) => share / Math.max(most, Number.MIN_VALUE)),
    ),
  };
}

/**
 * Which weights are left of each kernel that is at least half zeros, as a matrix of
 * outputs (rows) by inputs (columns), of at most 64×96 cells.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { pictureMasks } from "./picture_masks.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const model = smallModel();
 * for (const tensor of model.tensors) if (tensor.kind === "uniform") tensor.levels.fill(0, 1);
 * const masks = pictureMasks(weighedLayers(model));
 * assertEquals(masks.map(({ rows, columns, left }) => [rows, columns, left]), [[5, 9, 1], [5, 9, 1], [10, 5, 1]]);
 * ```
 */
export function pictureMasks(layers: readonly WeighedLayer[]): InsideMask[] {
  return layers.filter(({ kernel }) =>
    kernel.filter((w) => w === 0).length >= SPARSE * kernel.length
  ).map(pictureMask);
}

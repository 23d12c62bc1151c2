import { consecutiveBatches, gatherImages } from "../../data/batches.ts";
import type { Examples } from "../../data/dataset.ts";
import { confirmDeviceHealthy } from "../../device/health.ts";
import { unpackPixels } from "../../kernels/unpack_pixels/op.ts";
import { modelCost } from "../../models/cost.ts";
import { observeLayers } from "../../models/forward.ts";
import * as tf from "../../tf.ts";
import type { Weighed } from "./thin_model.ts";

/**
 * What a layer reads, over all images and, for convolutions, all places: a number
 * for each entry of the last axis of its input.
 */
export interface InputStatistics {
  /** Name of the layer that reads. */
  layer: string;
  /** Smallest value. */
  min: Float32Array;
  /** Largest value. */
  max: Float32Array;
  /** Mean. */
  mean: Float32Array;
  /** Mean of squares. */
  meanSquare: Float32Array;
}

const BATCH = 250;

/** min, max, sum and sum of squares of each column of `x`. */
function describeColumns(x: tf.Tensor): tf.Tensor[] {
  const columns = x.shape.at(-1) ?? 1;
  const rows = tf.reshape(x, [-1, columns]);
  return [
    tf.min(rows, 0),
    tf.max(rows, 0),
    tf.sum(rows, 0),
    tf.sum(tf.square(rows), 0),
  ];
}

/** Adds the statistics of a batch to those of the batches before. */
function combine(before: tf.Tensor[], now: tf.Tensor[]): tf.Tensor[] {
  return [
    tf.minimum(before[0], now[0]),
    tf.maximum(before[1], now[1]),
    tf.add(before[2], now[2]),
    tf.add(before[3], now[3]),
  ];
}

/**
 * Minimum, maximum, mean and mean square of what each layer that has weights reads
 * when `examples` are fed to the model, without dropout: a record a layer, in
 * order.
 *
 * On the current backend; memory is bounded by a batch of 250. Throws a `RangeError`
 * where the spec is unusable, and what became of the device if it failed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { observeInputs } from "./observe_inputs.ts";
 *
 * const statistics = await observeInputs(await makeBarsTeacher(), makeBars().train);
 * assertEquals(statistics.map(({ layer, min }) => [layer, min.length]), [
 *   ...[["conv1", 1], ["conv2", 32]],
 *   ...[["dense1", 256], ["logits", 128]],
 * ]);
 * ```
 */
export async function observeInputs(
  model: Weighed,
  examples: Examples,
): Promise<InputStatistics[]> {
  const { spec } = model;
  const readers = modelCost(spec).layers
    .filter(({ weights }) => weights.length > 0)
    .map(({ layer }) => layer.name);
  const weights = model.weights.map(({ shape, values }) =>
    tf.tensor(values, shape)
  );
  let totals: tf.Tensor[][] = [];
  // Places that a column has been seen at, for means.
  const seen = new Array<number>(readers.length).fill(0);
  try {
    for (const batch of consecutiveBatches(examples.count, BATCH)) {
      const before = totals;
      totals = tf.tidy(() => {
        const pixels = gatherImages(examples, batch);
        const x = unpackPixels(pixels, [batch.length, ...examples.shape]);
        const columns: tf.Tensor[][] = [];
        observeLayers(spec.layers, weights, x, (input) => {
          const index = columns.length;
          seen[index] += input.size / (input.shape.at(-1) ?? 1);
          const now = describeColumns(input);
          columns.push(before.length > 0 ? combine(before[index], now) : now);
        });
        return columns;
      });
      tf.dispose(before);
      // Keeps a GPU's queue, and with it memory, short.
      await totals[0][0].data();
    }
    const read = await Promise.all(
      totals.map((columns) =>
        Promise.all(columns.map((column) => column.data<"float32">()))
      ),
    );
    await confirmDeviceHealthy();
    return read.map(([min, max, sum, squares], index) => ({
      layer: readers[index],
      min: Float32Array.from(min),
      max: Float32Array.from(max),
      mean: Float32Array.from(sum, (value) => value / seen[index]),
      meanSquare: Float32Array.from(squares, (value) => value / seen[index]),
    }));
  } finally {
    tf.dispose([weights, totals]);
  }
}

import type { FloatArray } from "../../files/safetensors.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { type Keep, traceChannels } from "./trace_channels.ts";

/** `array` with 0 in the columns of its last axis that `kept` leaves out. */
function maskColumns(
  { shape, values }: FloatArray,
  columns: number,
  kept: readonly number[],
): FloatArray {
  const stays = new Set(kept);
  return {
    shape,
    values: values.map((w, i) => stays.has(i % columns) ? w : 0),
  };
}

/**
 * The weights of `spec` with kernel and bias of each filter and unit that `keep`
 * leaves out set to 0, so that its output is 0 everywhere: what
 * {@linkcode thinModel} takes away, still in place. A depthwise convolution's
 * filters go with the channels that they read.
 *
 * Throws a `RangeError` for a layer or an index that there isn't.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { maskChannels } from "./mask_channels.ts";
 *
 * const spec = studentSpec({ hidden: 2 });
 * const weights = maskChannels(spec, initialWeights(spec, 1), { hidden: [1] });
 * assertEquals(weights[4].values.filter((_, i) => i % 2 === 0).every((w) => w === 0), true);
 * ```
 */
export function maskChannels(
  spec: ModelSpec,
  weights: FloatArray[],
  keep: Keep,
): FloatArray[] {
  return traceChannels(spec, keep).flatMap(({ cost, firstWeight, outputs }) =>
    // Of [size, size, channels, 1] too, the last index counts channels.
    cost.weights.map((_, place) =>
      maskColumns(
        weights[firstWeight + place],
        cost.output.at(-1) ?? 1,
        outputs,
      )
    )
  );
}

import { checkSpec, type ModelSpec } from "../models/spec.ts";
import { type DramBudget, measureCost } from "./dram_budget.ts";

/**
 * What a file of `bytes` bytes costs at the most that holds a model of `spec`, before
 * any of its weights is decoded. Throws a `RangeError` where `spec` is unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../models/parse_layers.ts";
 * import { measureDramCost } from "./measure_dram_cost.ts";
 *
 * const { weights, operations } = measureDramCost(parseLayers("pool2,conv3x4,mean"), 120);
 * assertEquals([weights, operations], [90, 14692]);
 * ```
 */
export function measureDramCost(spec: ModelSpec, bytes: number): DramBudget {
  checkSpec(spec);
  return measureCost(spec, bytes);
}

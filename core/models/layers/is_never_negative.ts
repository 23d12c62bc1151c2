import type { Activation, LayerSpec } from "./layer.ts";

/** Activations that give nothing below 0. */
const FROM_ZERO: readonly Activation[] = ["relu", "relu6", "sigmoid"];

/**
 * Whether what `layers` give, one after another, is known to have no number below 0:
 * zeros around it are then no more than its maxima.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../parse_layers.ts";
 * import { isNeverNegative } from "./is_never_negative.ts";
 *
 * const { layers } = parseLayers("conv3x2,max2", { input: [8, 8, 1], classes: 2 });
 * assertEquals(isNeverNegative(layers.slice(0, 2)), true);
 * assertEquals(isNeverNegative([]), false);
 * ```
 */
export function isNeverNegative(layers: readonly LayerSpec[]): boolean {
  const last = layers.findLast(({ kind }) =>
    kind !== "dropout" && kind !== "maxPool2d" && kind !== "averagePool2d"
  );
  return last !== undefined && "activation" in last &&
    last.activation !== undefined && FROM_ZERO.includes(last.activation);
}

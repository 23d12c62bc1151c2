import type { LayerSpec, Refuse } from "./layer.ts";
import { listLayers } from "./layers.ts";

/** Whether a layer belongs to a model of integers: it rounds, or its sums are shifted. */
function roundsOrShifts(layer: LayerSpec): boolean {
  return "shift" in layer && layer.shift !== undefined ||
    "activation" in layer && layer.activation === "round";
}

/**
 * Whether `layers` are those of a model of integers: pixels are bytes from 0 to 255, not
 * divided, weights are integers, and so is every number between layers, which a rounding
 * makes of each sum. All of them are exact in float32 and int32 alike.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isInteger } from "./integer_layers.ts";
 * import { parseLayers } from "../parse_layers.ts";
 *
 * assertEquals(isInteger(parseLayers("conv3x8:round7,max2").layers), true);
 * assertEquals(isInteger(parseLayers("conv3x8,max2").layers), false);
 * ```
 */
export function isInteger(layers: readonly LayerSpec[]): boolean {
  return listLayers(layers).some(roundsOrShifts);
}

/** Throws by `refuse` unless `layers`, of usable fields, are those of a model of integers or of none. */
export function checkIntegerLayers(
  layers: readonly LayerSpec[],
  refuse: Refuse,
): void {
  const all = listLayers(layers);
  if (!isInteger(layers)) {
    for (const layer of all) {
      const { kind, name } = layer;
      const sums = kind === "averagePool2d" || kind === "globalAveragePool2d";
      if (sums && layer.activation !== undefined) {
        refuse("sums of places must be in a model of integers", name);
      }
      if (kind === "residual" && layer.lift !== undefined) {
        refuse("a lift must be in a model of integers", name);
      }
    }
    return;
  }
  const last = layers.findLast(({ kind }) =>
    kind !== "softmax" && kind !== "dropout"
  );
  const ends = last?.kind === "dense" || last?.kind === "globalAveragePool2d";
  if (!ends || last.activation !== "linear" || typeof last.shift !== "number") {
    refuse(
      "a model of integers must end in linear sums that are shifted, of a dense layer or of all places",
      last?.kind,
    );
  }
  for (const layer of all) {
    if (layer === last) continue;
    const { kind, name } = layer;
    const sums = kind === "averagePool2d" || kind === "globalAveragePool2d" ||
      "activation" in layer;
    if (!sums || layer.activation === "round") continue;
    if (layer.activation !== "linear") {
      refuse(
        "each sum in a model of integers must have a rounding, or be linear",
        `${layer.activation ?? "mean"} of ${name}`,
      );
    }
    if (layer.shift !== undefined) {
      refuse("linear sums must have a shift at the end alone", name);
    }
  }
}

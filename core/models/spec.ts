import type { ImageShape } from "../data/dataset.ts";
import { checkDropoutRate } from "../random/dropout_mask.ts";

/** What follows a layer's weighted sum. */
export type Activation = "relu" | "linear";

/** One layer, as plain data. Convolutions have stride 1 and no padding. */
export type LayerSpec =
  | {
    kind: "conv2d";
    name: string;
    filters: number;
    size: number;
    activation: Activation;
  }
  | { kind: "maxPool2d"; name: string; size: number }
  | { kind: "dropout"; name: string; rate: number }
  | { kind: "flatten"; name: string }
  | { kind: "dense"; name: string; units: number; activation: Activation }
  | { kind: "softmax"; name: string };

/** A network as plain, serialisable data: layers in a row, a softmax last. */
export interface ModelSpec {
  /** What reports and saved files call it. */
  name: string;
  /** Extent of one input image. */
  input: ImageShape;
  /** First to last. */
  layers: LayerSpec[];
}

/** Largest count of units, filters or classes that a spec may ask for. */
export const MAX_UNITS = 65_536;

function refuse(spec: ModelSpec, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot use model ${spec.name}: ${rule}: current value is ${value}`,
  );
}

function checkSize(spec: ModelSpec, what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > MAX_UNITS) {
    refuse(spec, `${what} must be an integer from 1 to ${MAX_UNITS}`, size);
  }
}

/**
 * Throws a `RangeError` unless every count of `spec` is a positive integer
 * within bounds, rates lie in [0, 1), names differ and a softmax ends it.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSpec } from "./spec.ts";
 *
 * const spec = { name: "empty", input: [28, 28, 1] as const, layers: [] };
 * assertThrows(() => checkSpec(spec), RangeError, "softmax");
 * ```
 */
export function checkSpec(spec: ModelSpec): void {
  spec.input.forEach((extent) => checkSize(spec, "input extents", extent));
  const names = spec.layers.map((layer) => layer.name);
  if (new Set(names).size < names.length) {
    refuse(spec, "layers must have different names", names.join(", "));
  }
  for (const layer of spec.layers) {
    if (layer.kind === "conv2d") {
      checkSize(spec, "filters", layer.filters);
      checkSize(spec, "kernel size", layer.size);
    }
    if (layer.kind === "maxPool2d") checkSize(spec, "pool size", layer.size);
    if (layer.kind === "dense") checkSize(spec, "units", layer.units);
    if (layer.kind === "dropout") checkDropoutRate(layer.rate);
  }
  const kinds = spec.layers.map((layer) => layer.kind);
  if (kinds.length === 0 || kinds.indexOf("softmax") !== kinds.length - 1) {
    refuse(spec, "exactly one softmax must end the layers", kinds.join(", "));
  }
}

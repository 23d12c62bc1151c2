import type { ImageShape } from "../data/dataset.ts";
import { checkDropoutRate } from "../random/dropout_mask.ts";

/** What follows a layer's weighted sum. */
export type Activation = "relu" | "linear";

/** Whether images keep to their edges, or get a frame of zeros by TensorFlow's rule. */
export type Padding = "valid" | "same";

/**
 * One layer, as plain data. A convolution has stride 1 and padding "valid"
 * unless it says otherwise; a depthwise one convolves each channel with a kernel
 * of its own. Pools lie side by side, and leave out what doesn't fill a window.
 */
export type LayerSpec =
  | {
    kind: "conv2d";
    name: string;
    filters: number;
    size: number;
    activation: Activation;
    stride?: number;
    padding?: Padding;
  }
  | {
    kind: "depthwiseConv2d";
    name: string;
    size: number;
    activation: Activation;
    stride?: number;
    padding?: Padding;
  }
  | { kind: "maxPool2d"; name: string; size: number }
  | { kind: "averagePool2d"; name: string; size: number }
  | { kind: "globalAveragePool2d"; name: string }
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

/** Throws unless the counts of `layer` are usable. */
function checkLayer(spec: ModelSpec, layer: LayerSpec): void {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      if (layer.kind === "conv2d") checkSize(spec, "filters", layer.filters);
      checkSize(spec, "kernel size", layer.size);
      checkSize(spec, "stride", layer.stride ?? 1);
      if (!["valid", "same"].includes(layer.padding ?? "valid")) {
        refuse(spec, "padding must be valid or same", layer.padding);
      }
      break;
    case "maxPool2d":
    case "averagePool2d":
      checkSize(spec, "pool size", layer.size);
      break;
    case "dense":
      checkSize(spec, "units", layer.units);
      break;
    case "dropout":
      checkDropoutRate(layer.rate);
  }
}

/**
 * Throws a `RangeError` unless every count of `spec` is a positive integer
 * within bounds, padding is known, rates lie in [0, 1), names differ and a
 * softmax ends it.
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
  for (const layer of spec.layers) checkLayer(spec, layer);
  const kinds = spec.layers.map((layer) => layer.kind);
  if (kinds.length === 0 || kinds.indexOf("softmax") !== kinds.length - 1) {
    refuse(spec, "exactly one softmax must end the layers", kinds.join(", "));
  }
}

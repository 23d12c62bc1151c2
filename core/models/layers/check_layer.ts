import { checkDropoutRate } from "../../random/dropout_mask.ts";
import { ACTIVATIONS, SLOPE_DIGITS } from "./activation.ts";
import {
  type ActivationFields,
  along,
  checkCount,
  type ConvolutionFields,
  type LayerKind,
  type LayerSpec,
  MAX_UNITS,
  pairOf,
  type Refuse,
  type WindowFields,
} from "./layer.ts";

/** Throws by `refuse` unless the fields of one kind of layer are usable; not those of layers within. */
type LayerCheck<K extends LayerKind> = (
  layer: LayerSpec<K>,
  refuse: Refuse,
) => void;

/** Throws by `refuse` unless `activation` is known, and has a slope only where it is one of leaky relus. */
function checkActivation(
  { activation, slope }: ActivationFields,
  refuse: Refuse,
): void {
  if (!ACTIVATIONS.includes(activation)) {
    refuse(`activation must be ${ACTIVATIONS.join(" or ")}`, activation);
  }
  if (slope === undefined) return;
  if (activation !== "leakyRelu" || !(slope > 0 && slope < 1)) {
    refuse("slope must be above 0 and below 1, of a leakyRelu alone", slope);
  }
  if (Number(slope.toFixed(SLOPE_DIGITS)) !== slope) {
    refuse(`slope must have at most ${SLOPE_DIGITS} decimals`, slope);
  }
}

/** Throws by `refuse` unless windows are usable. */
function checkWindows(
  { size, stride = 1, padding = "valid" }: WindowFields,
  refuse: Refuse,
): void {
  for (const axis of [0, 1] as const) {
    checkCount("window size", along(size, axis), refuse);
    checkCount("stride", along(stride, axis), refuse);
  }
  if (padding === "valid" || padding === "same") return;
  const usable = Array.isArray(padding) && padding.length === 4 &&
    padding.every((zeros) =>
      Number.isInteger(zeros) && zeros >= 0 && zeros <= MAX_UNITS
    );
  if (!usable) {
    refuse("padding must be valid, same or four counts of zeros", padding);
  }
}

/** Throws by `refuse` unless the windows of a convolution are usable. */
function checkConvolution(
  layer: ConvolutionFields,
  refuse: Refuse,
): void {
  checkWindows(layer, refuse);
  const { dilation = 1 } = layer;
  checkCount("dilation", along(dilation, 0), refuse);
  checkCount("dilation", along(dilation, 1), refuse);
  const { stride = 1 } = layer;
  if (`${pairOf(stride)}` !== "1,1" && `${pairOf(dilation)}` !== "1,1") {
    refuse(
      "a convolution may have a stride or a dilation above 1, not both",
      `${pairOf(stride)} and ${pairOf(dilation)}`,
    );
  }
  checkActivation(layer, refuse);
}

/** Throws by `refuse` unless the windows of a pool are usable. */
function checkPool(layer: WindowFields, refuse: Refuse): void {
  checkWindows(layer, refuse);
  const { size, padding } = layer;
  if (typeof padding !== "object") return;
  const [rows, columns] = pairOf(size);
  const [top, bottom, left, right] = padding;
  // Each window must read some of the image.
  if (Math.max(top, bottom) >= rows || Math.max(left, right) >= columns) {
    refuse(
      "zeros around an image must be fewer than a pool's window",
      padding.join(" "),
    );
  }
}

/** What each kind's fields must be; null of kinds that have none. */
const CHECKS: { readonly [K in LayerKind]: LayerCheck<K> | null } = {
  conv2d(layer, refuse) {
    checkCount("filters", layer.filters, refuse);
    checkConvolution(layer, refuse);
  },
  depthwiseConv2d(layer, refuse) {
    checkCount("multiplier", layer.multiplier ?? 1, refuse);
    checkConvolution(layer, refuse);
  },
  maxPool2d: checkPool,
  averagePool2d: checkPool,
  globalAveragePool2d: null,
  globalMaxPool2d: null,
  dropout: ({ rate }) => checkDropoutRate(rate),
  flatten: null,
  dense(layer, refuse) {
    checkCount("units", layer.units, refuse);
    checkActivation(layer, refuse);
  },
  residual(layer, refuse) {
    const { layers } = layer;
    if (layers.every(({ kind }) => kind === "dropout")) {
      refuse(
        "a residual layer must hold one or more layers, not dropout alone",
        layers.map(({ kind }) => kind).join(", ") || "none",
      );
    }
    checkActivation(layer, refuse);
  },
  softmax: null,
};

/** Throws by `refuse` unless the fields of `layer` are usable; not those of layers within. */
export function checkLayer<K extends LayerKind>(
  layer: LayerSpec<K>,
  refuse: Refuse,
): void {
  const check: LayerCheck<K> | null = CHECKS[layer.kind];
  check?.(layer, refuse);
}

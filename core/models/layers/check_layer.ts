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
  MOST_SHIFT,
  pairOf,
  type Refuse,
  type WindowFields,
} from "./layer.ts";

/** Throws by `refuse` unless the fields of one kind of layer are usable; not those of layers within. */
type LayerCheck<K extends LayerKind> = (
  layer: LayerSpec<K>,
  refuse: Refuse,
) => void;

/** Most bits that a slope is below 1. */
const MOST_SLOPE = 7;

/** Whether `value` is an integer from `least` to `most`. */
function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Throws by `refuse` unless what is said of a rounding is usable, and of nothing else. */
function checkRounding(
  { activation, slope = 1, shift, bits = 8 }: ActivationFields,
  refuse: Refuse,
): void {
  const shifts = [shift ?? []].flat();
  const wrong = shifts.find((each) => !isWithin(each, 0, MOST_SHIFT));
  if (wrong !== undefined || (shift !== undefined && shifts.length === 0)) {
    refuse(`shift must be integers from 0 to ${MOST_SHIFT}`, shift);
  }
  if (activation !== "round") return;
  if (shift === undefined) refuse("a rounding must have a shift", shift);
  if (!isWithin(bits, 1, 8)) {
    refuse("bits of a rounding must be an integer from 1 to 8", bits);
  }
  if (!isWithin(-Math.log2(slope), 0, MOST_SLOPE)) {
    refuse(
      `slope of a rounding must be a power of two from 2^-${MOST_SLOPE} to 1`,
      slope,
    );
  }
}

/**
 * Throws by `refuse` unless `activation` is known, and has a slope, bits and a shift only
 * where such belong to it.
 */
function checkActivation(layer: ActivationFields, refuse: Refuse): void {
  const { activation, slope, shift, bits } = layer;
  checkRounding(layer, refuse);
  if (activation === "round") return;
  if (!ACTIVATIONS.includes(activation)) {
    refuse(`activation must be ${ACTIVATIONS.join(" or ")}`, activation);
  }
  if (bits !== undefined || (shift !== undefined && activation !== "linear")) {
    refuse("bits and shifts must be a rounding's", activation);
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

/** Throws by `refuse` unless what follows a sum of places is usable; nothing follows a mean. */
function checkMean(
  { activation, ...more }: Partial<ActivationFields>,
  refuse: Refuse,
): void {
  if (activation === "round" || activation === "linear") {
    checkActivation({ activation, ...more }, refuse);
  } else if (activation !== undefined || more.shift !== undefined) {
    refuse("a mean must have a rounding, linear or nothing", activation);
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
  averagePool2d(layer, refuse) {
    checkPool(layer, refuse);
    checkMean(layer, refuse);
  },
  globalAveragePool2d: checkMean,
  globalMaxPool2d: null,
  dropout: ({ rate }) => checkDropoutRate(rate),
  flatten: null,
  dense(layer, refuse) {
    checkCount("units", layer.units, refuse);
    checkActivation(layer, refuse);
  },
  residual(layer, refuse) {
    const { layers, lift = 0 } = layer;
    if (!isWithin(lift, 0, MOST_SHIFT)) {
      refuse(`lift must be an integer from 0 to ${MOST_SHIFT}`, lift);
    }
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

import {
  along,
  configureActivation,
  type ConvolutionFields,
  type Endings,
  type Extent,
  formatActivation,
  formatExtent,
  type KerasConfig,
  pairOf,
  type Place,
  summariseActivation,
  type WindowFields,
} from "./layer.ts";
import { parseExtent, refuseValue } from "./parse_keras.ts";
import { windowSpans } from "./window_span.ts";

/** Rows and columns of a convolution's output. */
export function convolvedExtents(
  layer: ConvolutionFields,
  image: readonly number[],
): [number, number] {
  const [rows, columns] = windowSpans(layer, image);
  return [rows.count, columns.count];
}

/** Reads "3", or "5x3". */
export function parseExtentText(text: string): Extent {
  const [rows, columns = rows] = text.split("x").map(Number);
  return rows === columns ? rows : [rows, columns];
}

/** What words say of both kinds of convolution; stride and padding only where unusual. */
export function parseWindows(
  size: Extent,
  stride: string | undefined,
  { activation, windows }: Endings,
): ConvolutionFields {
  const step = parseExtentText(stride ?? "1");
  return {
    size,
    ...activation,
    ...(step !== 1 && { stride: step }),
    ...windows,
  };
}

/** What lies around an image, and between places of a window, in a word; nothing where that is usual. */
export function formatPlacement(
  { padding, dilation = 1 }: Omit<ConvolutionFields, "activation">,
): string {
  return [
    padding === "same" ? ":same" : "",
    typeof padding === "object" ? `:pad${padding.join("x")}` : "",
    formatExtent(dilation, "x") === "1"
      ? ""
      : `:dil${formatExtent(dilation, "x")}`,
  ].join("");
}

/** A convolution's stride, padding and activation in its word, where they are unusual. */
export function formatWindows(layer: ConvolutionFields): string {
  return [
    formatStride(layer),
    formatPlacement(layer),
    formatActivation(layer),
  ].join("");
}

/** "/2", where windows move by more than one. */
export function formatStride({ stride = 1 }: WindowFields): string {
  const step = formatExtent(stride, "x");
  return step === "1" ? "" : `/${step}`;
}

/** "valid" or "same", as Keras' layers on images say it. */
export function parsePadding(
  config: KerasConfig,
  place: Place,
): { padding?: "same" } {
  const padding = config.padding ?? "valid";
  if (padding !== "valid" && padding !== "same") {
    refuseValue(padding, "padding must be valid or same", place);
  }
  return padding === "same" ? { padding } : {};
}

/** What both kinds of convolution say alike in Keras; stride and padding only where unusual. */
export function parseConvolution(
  config: KerasConfig,
  place: Place,
): ConvolutionFields {
  const stride = parseExtent(config.strides ?? 1, "strides", place);
  const dilation = parseExtent(config.dilation_rate ?? 1, "dilation", place);
  return {
    size: parseExtent(config.kernel_size, "a kernel", place),
    activation: "linear",
    ...(stride !== 1 && { stride }),
    ...parsePadding(config, place),
    ...(dilation !== 1 && { dilation }),
  };
}

/** What `tf.layers` is told of both kinds of convolution, where zeros around it are another layer. */
export function configureConvolution(
  layer: ConvolutionFields,
): KerasConfig {
  const { size, stride = 1, dilation = 1, padding = "valid" } = layer;
  return {
    kernelSize: pairOf(size),
    strides: pairOf(stride),
    padding: typeof padding === "object" ? "valid" : padding,
    dilationRate: pairOf(dilation),
    activation: configureActivation(layer.activation),
  };
}

/** Padding in a summary, where there is some. */
export function summarisePadding({ padding = "valid" }: WindowFields): string {
  if (padding === "valid") return "";
  return typeof padding === "object" ? ` pad ${padding.join(" ")}` : " same";
}

/** A convolution's windows in a summary: "3×3/2 same relu". */
export function summariseWindows(layer: ConvolutionFields): string {
  const { size, dilation = 1 } = layer;
  const step = formatStride(layer).replace("x", "×");
  const wide = formatExtent(dilation, "×");
  return `${along(size, 0)}×${along(size, 1)}${step}${summarisePadding(layer)}${
    wide === "1" ? "" : ` dilated ${wide}`
  } ${summariseActivation(layer)}`;
}

/** A convolution's stride and padding in words, where they are unusual. */
export function describeWindows(layer: ConvolutionFields): string {
  const { stride = 1, padding, dilation = 1 } = layer;
  const step = formatExtent(stride, "×");
  const wide = formatExtent(dilation, "×");
  return [
    step === "1" ? "" : `, stride ${step}`,
    wide === "1" ? "" : `, dilation ${wide}`,
    padding === undefined || padding === "valid" ? "" : ", padded",
  ].join("");
}

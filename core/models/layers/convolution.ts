import {
  checkActivation,
  checkCount,
  configureActivation,
  type ConvolutionFields,
  type Endings,
  formatActivation,
  type KerasConfig,
  type Place,
  type Refuse,
} from "./layer.ts";
import { parseActivation, parseSquare, refuseValue } from "./parse_keras.ts";
import { windowSpan } from "./window_span.ts";

/** Throws by `refuse` unless the windows of a convolution are usable. */
export function checkConvolution(
  { size, stride = 1, padding = "valid", activation }: ConvolutionFields,
  refuse: Refuse,
): void {
  checkCount("kernel size", size, refuse);
  checkCount("stride", stride, refuse);
  if (!["valid", "same"].includes(padding)) {
    refuse("padding must be valid or same", padding);
  }
  checkActivation(activation, refuse);
}

/** Rows and columns of a convolution's output. */
export function convolvedExtents(
  { size, stride, padding }: ConvolutionFields,
  [height, width]: readonly number[],
): [number, number] {
  return [
    windowSpan(height, size, stride, padding).count,
    windowSpan(width, size, stride, padding).count,
  ];
}

/** What words say of both kinds of convolution; stride and padding only where unusual. */
export function parseWindows(
  size: string,
  stride: string | undefined,
  { activation, padding }: Endings,
): ConvolutionFields {
  const step = Number(stride ?? 1);
  return {
    size: Number(size),
    activation,
    ...(step !== 1 && { stride: step }),
    ...padding,
  };
}

/** A convolution's stride, padding and activation in its word, where they are unusual. */
export function formatWindows(
  { stride = 1, padding, activation }: ConvolutionFields,
): string {
  return [
    stride === 1 ? "" : `/${stride}`,
    padding === "same" ? ":same" : "",
    formatActivation(activation),
  ].join("");
}

/** What both kinds of convolution say alike in Keras; stride and padding only where unusual. */
export function parseConvolution(
  config: KerasConfig,
  place: Place,
): ConvolutionFields {
  const padding = config.padding ?? "valid";
  if (padding !== "valid" && padding !== "same") {
    refuseValue(padding, "padding must be valid or same", place);
  }
  const stride = parseSquare(config.strides ?? 1, "strides", place);
  return {
    size: parseSquare(config.kernel_size, "a kernel", place),
    activation: parseActivation(config.activation, place),
    ...(stride !== 1 && { stride }),
    ...(padding === "same" && { padding }),
  };
}

/** What `tf.layers` is told of both kinds of convolution. */
export function configureConvolution(
  { size, activation, stride = 1, padding = "valid" }: ConvolutionFields,
): KerasConfig {
  return {
    kernelSize: size,
    strides: stride,
    padding,
    activation: configureActivation(activation),
  };
}

/** A convolution's windows in a summary: "3×3/2 same relu". */
export function summariseWindows(
  { size, stride = 1, padding, activation }: ConvolutionFields,
): string {
  const step = stride === 1 ? "" : `/${stride}`;
  const frame = padding === "same" ? " same" : "";
  return `${size}×${size}${step}${frame} ${activation}`;
}

/** A convolution's stride and padding in words, where they are unusual. */
export function describeWindows(
  { stride = 1, padding }: ConvolutionFields,
): string {
  return (stride === 1 ? "" : `, stride ${stride}`) +
    (padding === "same" ? ", padded" : "");
}

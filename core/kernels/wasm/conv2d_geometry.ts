import * as tf from "../../tf.ts";
import type { Frame } from "./framed_images.ts";

/** Where the windows of an undilated 2-D convolution lie on its input, channels last. */
export interface Conv2DGeometry {
  /** `[n, h, w, c]` of the input. */
  input: Shape4;
  /** `[kh, kw, c, f]` of the filter. */
  filter: Shape4;
  /** `[n, h′, w′, f]` of the output. */
  output: Shape4;
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** The padded input, which holds every window. */
  frame: Frame;
}

/** Four extents. */
export type Shape4 = [number, number, number, number];

/** The attributes that tfjs passes to a convolution and to both of its gradients. */
export type Conv2DAttributes = Pick<
  tf.Conv2DBackpropFilterAttrs,
  "strides" | "pad" | "dataFormat" | "dimRoundingMode"
>;

/** The first four extents of a shape that has as many. */
export function shape4([a, b, c, d]: readonly number[]): Shape4 {
  return [a, b, c, d];
}

/**
 * The geometry of the convolution of `input` by `filter` under `attributes`.
 *
 * Throws a `RangeError` where channels don't come last.
 */
export function conv2dGeometry(
  input: Shape4,
  filter: Shape4,
  { strides, pad, dataFormat, dimRoundingMode }: Conv2DAttributes,
): Conv2DGeometry {
  if (dataFormat !== "NHWC") {
    throw new RangeError(
      `Cannot convolve on Wasm: the data format must be NHWC: current value is ${dataFormat}`,
    );
  }
  const { strideHeight, strideWidth, padInfo, outShape } = tf.backend_util
    .computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = padInfo;
  const [, height, width] = input;
  const [, down, across] = outShape;
  return {
    input,
    filter,
    output: shape4(outShape),
    strides: [strideHeight, strideWidth],
    frame: {
      rows: Math.max(
        top + height + bottom,
        (down - 1) * strideHeight + filter[0],
      ),
      columns: Math.max(
        left + width + right,
        (across - 1) * strideWidth + filter[1],
      ),
      top,
      left,
      down: 1,
      across: 1,
    },
  };
}

/**
 * Where the output gradient's pixels lie for the convolution that gives the
 * gradient by the input: as far apart as the windows, in a frame that reaches as
 * far as a window beyond the input.
 */
export function gradientFrame(
  { input, filter, strides, frame }: Conv2DGeometry,
): Frame {
  return {
    rows: input[1] + filter[0] - 1,
    columns: input[2] + filter[1] - 1,
    top: filter[0] - 1 - frame.top,
    left: filter[1] - 1 - frame.left,
    down: strides[0],
    across: strides[1],
  };
}

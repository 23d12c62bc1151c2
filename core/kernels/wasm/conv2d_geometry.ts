import * as tf from "../../tf.ts";

/**
 * Where the windows of a 2-D convolution lie on its input, channels last. tfjs
 * differentiates undilated convolutions only, so there are no dilations.
 */
export interface Conv2DGeometry {
  /** `[n, h, w, c]` of the input. */
  input: Shape4;
  /** `[kh, kw, c, f]` of the filter. */
  filter: Shape4;
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** Zeros around the input. */
  padding: { top: number; bottom: number; left: number; right: number };
}

/** Four extents. */
export type Shape4 = [number, number, number, number];

/** The attributes that tfjs passes to both of a convolution's gradients. */
export type Conv2DGradientAttributes = Omit<
  tf.Conv2DBackpropFilterAttrs,
  "filterShape"
>;

/** The geometry of the convolution of `input` by `filter` under `attributes`. */
export function conv2dGeometry(
  input: Shape4,
  filter: Shape4,
  { strides, pad, dataFormat, dimRoundingMode }: Conv2DGradientAttributes,
): Conv2DGeometry {
  if (dataFormat !== "NHWC") {
    throw new RangeError(
      `Cannot differentiate a convolution on Wasm: its data format must be NHWC: current value is ${dataFormat}`,
    );
  }
  const { strideHeight, strideWidth, padInfo } = tf.backend_util
    .computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode);
  return {
    input,
    filter,
    strides: [strideHeight, strideWidth],
    padding: padInfo,
  };
}

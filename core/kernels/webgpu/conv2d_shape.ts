import * as tf from "../../tf.ts";

/** The extents of an undilated 2-D convolution, channels last. */
export interface Conv2DShape {
  images: number;
  /** Of the input. */
  height: number;
  width: number;
  channels: number;
  /** Of the output. */
  down: number;
  across: number;
  filters: number;
  /** Of the window. */
  windowHeight: number;
  windowWidth: number;
  /** Distances between neighbouring windows. */
  strideDown: number;
  strideAcross: number;
  /** Zeros before the input's first row and column. */
  top: number;
  left: number;
}

/** What decides a convolution's shape beside its input and filter. */
interface Conv2DAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: string;
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Whether `value` is an attribute list that has what a convolution needs. */
function hasAttributes(value: unknown): value is Conv2DAttributes {
  return typeof value === "object" && value !== null && "strides" in value &&
    "pad" in value && "dataFormat" in value;
}

function isOne(dilations: number | [number, number]): boolean {
  return [dilations].flat().every((dilation) => dilation === 1);
}

/**
 * The shape of the convolution of `[n, h, w, c]` by `[kh, kw, c, f]` that `attributes`
 * describe; undefined where our kernels can't compute it: dilated, with channels
 * first, in groups, or of nothing.
 */
export function conv2DShape(
  input: readonly number[],
  filter: readonly number[],
  attributes: unknown,
): Conv2DShape | undefined {
  if (!hasAttributes(attributes)) return undefined;
  const { strides, pad, dataFormat, dilations = 1, dimRoundingMode } =
    attributes;
  if (
    dataFormat !== "NHWC" || !isOne(dilations) || input.length !== 4 ||
    filter.length !== 4 || input[3] !== filter[2]
  ) {
    return undefined;
  }
  const [images, height, width, channels] = input;
  const [windowHeight, windowWidth, , filters] = filter;
  const { outHeight, outWidth, padInfo, strideHeight, strideWidth } = tf
    .backend_util.computeConv2DInfo(
      [images, height, width, channels],
      [windowHeight, windowWidth, channels, filters],
      strides,
      1,
      pad,
      dimRoundingMode,
    );
  if ([...input, ...filter, outHeight, outWidth].some((extent) => extent < 1)) {
    return undefined;
  }
  return {
    images,
    height,
    width,
    channels,
    down: outHeight,
    across: outWidth,
    filters,
    windowHeight,
    windowWidth,
    strideDown: strideHeight,
    strideAcross: strideWidth,
    top: padInfo.top,
    left: padInfo.left,
  };
}

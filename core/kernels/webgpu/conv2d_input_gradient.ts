import type * as tf from "../../tf.ts";
import type { Conv2DShape } from "./conv2d_shape.ts";
import { windowRows } from "./conv2d_windows.ts";
import { NO_EPILOGUE } from "./matmul_epilogue.ts";
import type { Product } from "./matmul_product.ts";

/**
 * ∂x[n, y, x, c] = Σ_ijf ∂y[n, (y + top − i)/s, (x + left − j)/t, f] · w[i, j, c, f],
 * over the i and j for which both places are whole: a product with a row for every
 * entry of an image, a column for every channel.
 */
export function conv2DInputGradientProduct(
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Conv2DShape,
): Product {
  const { images, height, width, channels, filters } = shape;
  const { left, groups, length } = windowRows(dy, {
    height: shape.down,
    width: shape.across,
    channels: filters,
    down: height,
    across: width,
    windowHeight: shape.windowHeight,
    windowWidth: shape.windowWidth,
    vertical: {
      multiply: 1,
      offset: shape.top,
      step: -1,
      divide: shape.strideDown,
    },
    horizontal: {
      multiply: 1,
      offset: shape.left,
      step: -1,
      divide: shape.strideAcross,
    },
  });
  return {
    kind: "convolution",
    batch: 1,
    rows: images * height * width,
    columns: channels,
    groups,
    length,
    valid: length,
    left,
    right: { tensor: filter, along: "depth", batched: false },
    epilogue: NO_EPILOGUE,
    outputShape: [images, height, width, channels],
  };
}

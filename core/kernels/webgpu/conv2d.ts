import type * as tf from "../../tf.ts";
import type { Conv2DShape } from "./conv2d_shape.ts";
import { windowRows } from "./conv2d_windows.ts";
import type { Epilogue, Product } from "./matmul_product.ts";

/**
 * y[n, y′, x′, f] = Σ_ijc x[n, y′·s + i − top, x′·t + j − left, c] · w[i, j, c, f]:
 * a product with a row for every place, a column for every filter.
 */
export function conv2DProduct(
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Conv2DShape,
  epilogue: Epilogue,
): Product {
  const { images, down, across, filters } = shape;
  const { left, groups, length } = windowRows(x, {
    ...shape,
    vertical: {
      multiply: shape.strideDown,
      offset: -shape.top,
      step: 1,
      divide: 1,
    },
    horizontal: {
      multiply: shape.strideAcross,
      offset: -shape.left,
      step: 1,
      divide: 1,
    },
  });
  return {
    kind: "convolution",
    batch: 1,
    rows: images * down * across,
    columns: filters,
    groups,
    length,
    valid: length,
    left,
    right: { tensor: filter, along: "columns", batched: false },
    epilogue,
    outputShape: [images, down, across, filters],
  };
}

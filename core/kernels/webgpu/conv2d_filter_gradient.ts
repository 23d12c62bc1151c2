import type * as tf from "../../tf.ts";
import { columnsPitch, type ColumnsShape } from "./conv2d_columns.ts";
import type { Conv2DShape } from "./conv2d_shape.ts";
import { NO_EPILOGUE } from "./matmul_epilogue.ts";
import type { Product } from "./matmul_product.ts";

/** How a convolution's input is to be laid out for its filter gradient. */
export function filterGradientColumns(shape: Conv2DShape): ColumnsShape {
  return {
    ...shape,
    reach: (shape.down - 1) * shape.strideDown + shape.windowHeight,
  };
}

/**
 * ∂w[i, j, c, f] = Σ_ny′x′ x[n, y′·s + i − top, x′·t + j − left, c] · ∂y[n, y′, x′, f]:
 * a product with a row for every (i, j, c), a column for every filter, and a sum over
 * all places of all images. `columns` is x as `columnsProgram` lays it out.
 */
export function conv2DFilterGradientProduct(
  columns: tf.TensorInfo,
  dy: tf.TensorInfo,
  shape: Conv2DShape,
): Product {
  const { images, down, across, channels, filters, strideDown } = shape;
  const { windowHeight, windowWidth } = shape;
  const layout = filterGradientColumns(shape);
  const quads = columnsPitch(layout) / 4;
  const { reach } = layout;
  return {
    kind: "filterGradient",
    batch: 1,
    rows: windowHeight * windowWidth * channels,
    columns: filters,
    groups: images * down,
    length: 4 * quads,
    valid: across,
    left: {
      tensor: columns,
      lanes: 4,
      masked: false,
      key: `columns ${[windowWidth, channels, reach, quads, down, strideDown]}`,
      uniforms: [{ name: "images", type: "i32", value: images }],
      code: `
fn leftRow(m : i32, b : i32) -> vec4<i32> {
  let c = m % ${channels};
  let window = m / ${channels};
  let i = window / ${windowWidth};
  let j = window % ${windowWidth};
  return vec4<i32>(((j * ${channels} + c) * uniforms.images * ${reach} + i) * ${quads}, 0, 0, 0);
}
fn leftGroup(row : vec4<i32>, g : i32) -> vec2<i32> {
  let n = g / ${down};
  let y = g - n * ${down};
  return vec2<i32>(row.x + (n * ${reach} + y * ${strideDown}) * ${quads}, 1);
}`,
    },
    right: { tensor: dy, along: "columns", batched: false },
    epilogue: NO_EPILOGUE,
    outputShape: [windowHeight, windowWidth, channels, filters],
  };
}

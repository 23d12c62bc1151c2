import * as tf from "../../tf.ts";
import {
  columnsPitch,
  type ColumnsShape,
  layOut,
} from "../webgpu/product/columns.ts";
import {
  type Epilogue,
  type LeftOperand,
  NO_EPILOGUE,
  type Product,
  readEpilogue,
} from "../webgpu/product/product.ts";
import { runProduct } from "../webgpu/product/run.ts";
import { type Attempt, readPair } from "../webgpu/replace_kernel.ts";
import { lanesOf } from "../webgpu/run_program.ts";

/** The extents of an undilated 2-D convolution, channels last. */
interface Conv2DShape {
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
function conv2dShape(
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

/** Which entries of an image every place of a window meets. */
interface Windows {
  /** Extents of the images that are read, `[n, height, width, channels]`. */
  height: number;
  width: number;
  channels: number;
  /** Extents of the rows: one for each place of an image that is written. */
  down: number;
  across: number;
  windowHeight: number;
  windowWidth: number;
  /**
   * The y that is read for the place y′ and the window's row i is
   * (y′ · multiply + offset + i · step) / divide, where that is whole.
   */
  vertical: Walk;
  horizontal: Walk;
}

/** How a place walks over an image as its window does. */
interface Walk {
  multiply: number;
  offset: number;
  step: number;
  divide: number;
}

/** Whether a walk over `extent` entries ever leaves them, or falls between two. */
function strays(walk: Walk, places: number, steps: number, extent: number) {
  const { multiply, offset, step, divide } = walk;
  const ends = [0, (places - 1) * multiply].flatMap((place) =>
    [0, (steps - 1) * step].map((along) => place + offset + along)
  );
  return divide !== 1 || Math.min(...ends) < 0 || Math.max(...ends) >= extent;
}

/** WGSL for where a walk arrives, and the conditions that it is in the image. */
function arrive(
  name: string,
  { step, divide }: Walk,
  index: string,
  start: string,
  extent: number,
): { code: string; inside: string[] } {
  const sum = step < 0 ? `${start} - ${index}` : `${start} + ${index}`;
  if (divide === 1) {
    return {
      code: `let ${name} = ${sum};`,
      inside: [`${name} >= 0`, `${name} < ${extent}`],
    };
  }
  return {
    code: `let ${name}Steps = ${sum}; let ${name} = ${name}Steps / ${divide};`,
    inside: [
      `${name}Steps >= 0`,
      `${name} * ${divide} == ${name}Steps`,
      `${name} < ${extent}`,
    ],
  };
}

/** The left operand whose rows are windows, and how its terms are grouped. */
interface WindowRows {
  left: LeftOperand;
  groups: number;
  length: number;
}

/**
 * The left operand whose row is one window's entries, read from `images` in place,
 * zeros outside. A group is one place of the window, its terms are channels; where
 * no window leaves its image, a group is a whole row of the window.
 */
function windowRows(
  images: tf.TensorInfo,
  windows: Windows,
): WindowRows {
  const { height, width, channels, down, across, vertical, horizontal } =
    windows;
  const { windowHeight, windowWidth } = windows;
  const lanes = lanesOf(channels);
  const masked = strays(vertical, down, windowHeight, height) ||
    strays(horizontal, across, windowWidth, width);
  const y = arrive("y", vertical, "i", "row.y", height);
  const x = arrive("x", horizontal, "j", "row.z", width);
  const whole = !masked && horizontal.step === 1;
  const at = `((row.x + y) * ${width} + x) * ${channels / lanes}`;
  const left: LeftOperand = {
    tensor: images,
    lanes,
    masked,
    key: `windows ${[
      height,
      width,
      channels,
      down,
      across,
      windowHeight,
      windowWidth,
      ...Object.values(vertical),
      ...Object.values(horizontal),
    ]}`,
    uniforms: [],
    code: `
fn leftRow(m : i32, b : i32) -> vec4<i32> {
  let image = m / ${down * across};
  let place = m - image * ${down * across};
  let down = place / ${across};
  let across = place - down * ${across};
  return vec4<i32>(image * ${height}, down * ${vertical.multiply} + ${vertical.offset},
    across * ${horizontal.multiply} + ${horizontal.offset}, 0);
}
fn leftGroup(row : vec4<i32>, g : i32) -> vec2<i32> {
  ${
      whole
        ? "let i = g; let j = 0;"
        : `let i = g / ${windowWidth}; let j = g - i * ${windowWidth};`
    }
  ${y.code}
  ${x.code}
  ${
      masked
        ? `let inside = ${[...y.inside, ...x.inside].join(" && ")};
  return vec2<i32>(select(0, ${at}, inside), select(0, 1, inside));`
        : `return vec2<i32>(${at}, 1);`
    }
}`,
  };
  return whole
    ? { left, groups: windowHeight, length: windowWidth * channels }
    : { left, groups: windowHeight * windowWidth, length: channels };
}

/**
 * y[n, y′, x′, f] = Σ_ijc x[n, y′·s + i − top, x′·t + j − left, c] · w[i, j, c, f]:
 * a product with a row for every place, a column for every filter.
 */
function conv2dProduct(
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

/**
 * ∂x[n, y, x, c] = Σ_ijf ∂y[n, (y + top − i)/s, (x + left − j)/t, f] · w[i, j, c, f],
 * over the i and j for which both places are whole: a product with a row for every
 * entry of an image, a column for every channel.
 */
function conv2dInputGradientProduct(
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

/** How a convolution's input is to be laid out for its filter gradient. */
function filterGradientColumns(shape: Conv2DShape): ColumnsShape {
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
function conv2dFilterGradientProduct(
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

/** tfjs's kernels of a convolution, alone or with bias and activation. */
export const conv2d: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "x", "filter");
  if (!pair) return undefined;
  const [x, filter] = pair;
  const shape = conv2dShape(x.shape, filter.shape, attributes);
  if (!shape) return undefined;
  const epilogue = readEpilogue(inputs, attributes, shape.filters);
  if (!epilogue) return undefined;
  return runProduct(backend, conv2dProduct(x, filter, shape, epilogue));
};

/** Kernel `Conv2DBackpropInput`. */
export const conv2dBackpropInput: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "dy", "filter");
  const { inputShape } = attributes;
  if (!pair || !Array.isArray(inputShape)) return undefined;
  const [dy, filter] = pair;
  const shape = conv2dShape(inputShape.map(Number), filter.shape, attributes);
  if (!shape) return undefined;
  return runProduct(backend, conv2dInputGradientProduct(dy, filter, shape));
};

/** Kernel `Conv2DBackpropFilter`. */
export const conv2dBackpropFilter: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "x", "dy");
  const { filterShape } = attributes;
  if (!pair || !Array.isArray(filterShape)) return undefined;
  const [x, dy] = pair;
  const shape = conv2dShape(x.shape, filterShape.map(Number), attributes);
  if (!shape) return undefined;
  const columns = layOut(backend, x, filterGradientColumns(shape));
  if (!columns) return undefined;
  const product = conv2dFilterGradientProduct(columns, dy, shape);
  const gradient = runProduct(backend, product);
  backend.disposeData(columns.dataId);
  return gradient;
};

import { along, type Extent, type WindowFields } from "./layer.ts";

/** Where the windows of a convolution lie along one axis of an image. */
export interface WindowSpan {
  /** How many there are. */
  count: number;
  /** Zeros before the image. */
  before: number;
  /** Zeros after it. */
  after: number;
}

/**
 * Windows of `size`, `stride` apart, along an axis of `extent`:
 * ⌊(extent − size) / stride⌋ + 1 without padding ("valid"), ⌈extent / stride⌉
 * with ("same"). Padding then is max(0, (count − 1)·stride + size − extent)
 * zeros, of which the smaller half comes first, as in TensorFlow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { windowSpan } from "./window_span.ts";
 *
 * assertEquals(windowSpan(28, 3, 2, "same"), { count: 14, before: 0, after: 1 });
 * assertEquals(windowSpan(28, 3, 2, "valid").count, 13);
 * ```
 */
export function windowSpan(
  extent: number,
  size: number,
  stride = 1,
  padding: "valid" | "same" = "valid",
): WindowSpan {
  if (padding === "valid") {
    const count = Math.floor((extent - size) / stride) + 1;
    return { count, before: 0, after: 0 };
  }
  const count = Math.ceil(extent / stride);
  const zeros = Math.max(0, (count - 1) * stride + size - extent);
  const before = Math.floor(zeros / 2);
  return { count, before, after: zeros - before };
}

/** Windows along one axis, and what each of them reads. */
export interface AxisWindows extends WindowSpan {
  /** Places of a window. */
  size: number;
  /** Numbers from window to window. */
  stride: number;
  /** Numbers from place to place in a window. */
  dilation: number;
}

/** Windows of a convolution along one axis of an image of so many rows or columns. */
function axisWindows(
  { size, stride = 1, dilation = 1, padding }: WindowsOfLayer,
  extent: number,
  axis: 0 | 1,
): AxisWindows {
  const each = {
    size: along(size, axis),
    stride: along(stride, axis),
    dilation: along(dilation, axis),
  };
  const reach = (each.size - 1) * each.dilation + 1;
  if (typeof padding !== "object") {
    return { ...each, ...windowSpan(extent, reach, each.stride, padding) };
  }
  const [before, after] = padding.slice(2 * axis);
  const framed = extent + before + after;
  const { count } = windowSpan(framed, reach, each.stride);
  return { ...each, count, before, after };
}

/** What says where windows lie: a convolution, or a pool that names its stride. */
type WindowsOfLayer = WindowFields & { dilation?: Extent };

/**
 * The windows of a convolution on an image of height and width, along its rows and along
 * its columns: as {@linkcode windowSpan} has them, for windows that reach over (size −
 * 1)·dilation + 1 numbers; or with as many zeros as the layer says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { windowSpans } from "./window_span.ts";
 *
 * const [rows, columns] = windowSpans({ size: [5, 3], dilation: [1, 2] }, [28, 28]);
 * assertEquals([rows.count, columns.count], [24, 24]);
 * ```
 */
export function windowSpans(
  layer: WindowsOfLayer,
  [height, width]: readonly number[],
): [rows: AxisWindows, columns: AxisWindows] {
  return [axisWindows(layer, height, 0), axisWindows(layer, width, 1)];
}

import { product } from "../../layers/layer.ts";

/** What an axis of an image is. */
export type Role = "height" | "width" | "channels";

/** An axis of more than one number, of what a layer gives or of the input. */
export interface Axis {
  extent: number;
  /** What it is; not known yet of an input that no layer has read. */
  role?: Role;
}

/**
 * A value's dimensions as ONNX counts them, without the batch's: the axes that lie in each,
 * the slowest first; none where its extent is 1.
 */
export type Dims = readonly (readonly Axis[])[];

/** Our own order of an image's axes. */
const ORDER: readonly Role[] = ["height", "width", "channels"];

/** One axis, as a dimension. */
export function dimOf(axis: Axis): Axis[] {
  return axis.extent > 1 ? [axis] : [];
}

/** Numbers along a dimension. */
export function extentOf(dim: readonly Axis[]): number {
  return product(dim.map(({ extent }) => extent));
}

/**
 * Whether `dim` is no more than the one axis of `role`: an axis of the input that nobody
 * has read before becomes it.
 */
export function claim(dim: readonly Axis[], role: Role): boolean {
  const [axis, ...more] = dim;
  if (!axis) return true;
  if (more.length > 0) return false;
  axis.role ??= role;
  return axis.role === role;
}

/** Whether the dimensions are channels, rows and columns, or may be; `order` says where each is. */
export function claimImage(dims: Dims, order: readonly Role[]): boolean {
  return dims.length === order.length &&
    dims.every((dim, place) => claim(dim, order[place]));
}

export const CHANNELS_FIRST: readonly Role[] = ["channels", "height", "width"];
export const CHANNELS_LAST: readonly Role[] = ORDER;

/** Numbers along the axis of `role` in all of `dims`. */
export function roleExtent(dims: Dims, role: Role): number {
  return extentOf(dims.flat().filter((axis) => axis.role === role));
}

/** Where, of `axes` in their order, our first axis lies, and our second and third. */
export function ownOrder(axes: readonly Axis[]): number[] {
  return ORDER.map((role) => axes.findIndex((axis) => axis.role === role))
    .filter((place) => place !== -1);
}

/** Whether numbers along `axes` lie as ours do. */
export function isOwnOrder(axes: readonly Axis[]): boolean {
  return ownOrder(axes).every((place, index) => place === index);
}

/** Whether numbers of `a` and `b` that stand in one place mean one place of ours. */
export function lieAlike(a: Dims, b: Dims): boolean {
  const isSame = (axis: Axis, other: Axis | undefined) =>
    axis === other ||
    (axis.role !== undefined && axis.role === other?.role &&
      axis.extent === other.extent);
  return a.length === b.length &&
    a.every((dim, place) =>
      dim.length === b[place].length &&
      dim.every((axis, i) => isSame(axis, b[place][i]))
    );
}

/**
 * `dims` in another shape: each of its extents from axes that lie beside each other. Where
 * one must be cut in two, `cut` makes two of it, if it may. `undefined` where the shape
 * parts what belongs together.
 */
export function reshapeDims(
  dims: Dims,
  shape: readonly number[],
  cut: (axis: Axis, first: number) => [Axis, Axis] | undefined,
): Dims | undefined {
  const rest = [...dims.flat()];
  const shaped: Axis[][] = [];
  for (const extent of shape) {
    const dim: Axis[] = [];
    for (let left = extent; left > 1;) {
      const axis = rest.shift();
      if (!axis) return undefined;
      if (left % axis.extent === 0) {
        dim.push(axis);
        left /= axis.extent;
        continue;
      }
      const parts = axis.extent % left === 0 ? cut(axis, left) : undefined;
      if (!parts) return undefined;
      dim.push(parts[0]);
      rest.unshift(parts[1]);
      left = 1;
    }
    shaped.push(dim);
  }
  return rest.length === 0 ? shaped : undefined;
}

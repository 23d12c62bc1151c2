import type { FloatArray } from "../files/safetensors.ts";

/** `x` of `[a, b, …]` with its axes in another order: axis i is axis `order[i]` of `x`. */
export function permute(
  { shape, values }: FloatArray,
  order: readonly number[],
): FloatArray {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  );
  const to = order.map((axis) => shape[axis]);
  const result = new Float32Array(values.length);
  const index = to.map(() => 0);
  for (let at = 0; at < result.length; at++) {
    result[at] = values[
      order.reduce((sum, axis, i) => sum + strides[axis] * index[i], 0)
    ];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      if (++index[axis] < to[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape: to, values: result };
}

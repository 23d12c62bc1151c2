/** `values` of `shape` with its axes in another order: axis i is axis `order[i]` of theirs. */
export function permute<
  Values extends Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
>(
  { shape, values }: { shape: readonly number[]; values: Values },
  order: readonly number[],
): { shape: number[]; values: Values } {
  const to = order.map((axis) => shape[axis]);
  const steps = order.map((axis) =>
    shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  );
  const permuted = values.slice();
  const last = to.length - 1;
  const [run, step] = [to[last] ?? 1, steps[last] ?? 1];
  const index = to.map(() => 0);
  let from = 0;
  for (let at = 0; at < permuted.length; at += run) {
    for (let i = 0; i < run; i++) permuted[at + i] = values[from + i * step];
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < to[axis]) break;
      from -= steps[axis] * to[axis];
      index[axis] = 0;
    }
  }
  // A copy of the same kind, by `slice`.
  return { shape: to, values: permuted as Values };
}

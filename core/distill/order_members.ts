import { withGradient } from "../kernels/ops/with_gradient.ts";
import * as tf from "../tf.ts";
import type { CohortGroup } from "./cohort_layout.ts";

/**
 * One number a member, group by group in `parts`, as one vector in the order of the
 * cohort's members.
 */
export function orderMembers(
  groups: CohortGroup[],
  parts: tf.Tensor[],
): tf.Tensor1D {
  const all: tf.Tensor1D = tf.concat1d(
    parts.map((part) => tf.reshape(part, [part.size])),
  );
  const held = groups.flatMap(({ members }) => members);
  if (held.every((member, place) => member === place)) return all;
  const places = new Int32Array(held.length);
  held.forEach((member, place) => places[member] = place);
  // Not tf.gather's own gradient, a sum over segments, which Wasm lacks.
  const ordered = withGradient(
    [all],
    () => ({ value: tf.gather(all, tf.tensor1d(places, "int32")), saved: [] }),
    (dy) => [tf.gather(dy, tf.tensor1d(held, "int32"))],
  );
  return tf.reshape(ordered, [held.length]);
}

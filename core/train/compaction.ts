import { freeGpuMemory } from "../device/free_gpu_memory.ts";
import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import type { Learner } from "./learner.ts";
import { toArray, type TrainingState } from "./training_state.ts";

/**
 * The entries of each weight's last axis that belong to `members`. `owners` are those
 * of {@linkcode Learner}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keptColumns } from "./compaction.ts";
 *
 * const owners = [Int32Array.of(0, 1, 2), Int32Array.of(0, 0, 1)];
 * const kept = [Int32Array.of(1, 2), Int32Array.of(2)];
 * assertEquals(keptColumns(owners, [1, 2]), kept);
 * ```
 */
export function keptColumns(
  owners: Int32Array[],
  members: number[],
): Int32Array<ArrayBuffer>[] {
  const kept = new Set(members);
  return owners.map((owner) =>
    Int32Array.from(owner.keys()).filter((column) => kept.has(owner[column]))
  );
}

/** Writes each of `parts` into the columns of `whole` that it comes from. */
function spread(
  whole: FloatArray[],
  parts: FloatArray[],
  kept: Int32Array[],
): void {
  kept.forEach((columns, weight) => {
    const { shape, values } = whole[weight];
    const stride = shape[shape.length - 1];
    const part = parts[weight].values;
    for (let i = 0; i < part.length; i++) {
      const row = Math.floor(i / columns.length);
      values[row * stride + columns[i % columns.length]] = part[i];
    }
  });
}

async function readArrays(tensors: tf.Tensor[]): Promise<FloatArray[]> {
  const arrays = [];
  for (const tensor of tensors) arrays.push(await toArray(tensor));
  return arrays;
}

/**
 * The best weights of all members of `learner`, in its shapes: of those that have
 * left `state` as they were then.
 */
export async function collectBest(
  state: TrainingState,
  learner: Learner,
): Promise<FloatArray[]> {
  const best = await readArrays(state.best);
  if (!state.retired) return best;
  const whole = state.retired.map(({ shape, values }) => ({
    shape,
    values: values.slice(),
  }));
  spread(whole, best, keptColumns(learner.owners, state.position.active));
  return whole;
}

/**
 * Takes the members that have stopped out of `state`: their columns leave weights
 * and accumulators, and their best weights are put aside. `learner` is the whole
 * one, `current` that of the members still in `state`; gives that of those left.
 * All stay where `current` can't be reduced, and the last ones always do.
 */
export async function dropStopped(
  state: TrainingState,
  learner: Learner,
  current: Learner,
): Promise<Learner> {
  const { position } = state;
  const staying = position.active.filter((member) =>
    !position.members[member].stopped
  );
  const unchanged = staying.length === position.active.length;
  if (unchanged || staying.length === 0 || !current.keep) return current;
  const retired = learner.initial.map(({ shape, values }) => ({
    shape,
    values: new Float32Array(values.length),
  }));
  state.retired = await collectBest({
    ...state,
    retired: state.retired ?? retired,
  }, learner);
  const kept = staying.map((member) => position.active.indexOf(member));
  const columns = keptColumns(current.owners, kept);
  const reduce = (tensor: tf.Tensor, weight: number) =>
    tf.tidy(() => tf.gather(tensor, tf.tensor1d(columns[weight], "int32"), -1));
  const { weights, average, best, optimiser } = state;
  state.weights = weights.map(reduce);
  state.average = average?.map(reduce);
  state.best = best.map(reduce);
  state.optimiser = optimiser.map((slots, weight) =>
    slots.map((slot) => reduce(slot, weight))
  );
  tf.dispose([weights, average ?? [], best, optimiser]);
  freeGpuMemory();
  position.active = staying;
  return current.keep(kept);
}

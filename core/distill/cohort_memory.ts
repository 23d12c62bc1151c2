import type { TrainingSpec } from "../train/train.ts";
import { countUnits, layOutCohort } from "./cohort_layout.ts";
import type { StudentConfig } from "./student_config.ts";

const FLOAT_BYTES = 4;

/** Accumulators of an optimiser for each weight. */
const SLOTS: Record<TrainingSpec["optimiser"]["kind"], number> = {
  adadelta: 2,
  adam: 2,
  sgd: 1,
};

/** What a cohort is trained on, and how. */
export interface CohortSetting {
  /** Features of an image. */
  width: number;
  /** Outputs of a student. */
  classes: number;
  /** Batch size and optimiser. */
  training: Pick<TrainingSpec, "batchSize" | "optimiser">;
}

/** The most that a cohort needs at a time. */
export interface CohortMemory {
  /** Bytes of all tensors. */
  bytes: number;
  /** Bytes of the largest tensor. */
  largest: number;
}

/**
 * The most bytes that a training step of `members` holds in tensors at a time.
 *
 * That is while the optimiser moves the weights, P numbers with s accumulators
 * each: weights, best weights and accumulators before, the gradient, weights and
 * accumulators after, (4 + 2·s)·P; and what the batch is fed from, of which there
 * is more while it is fed forward and less by then: its features and those that
 * dropout has left, `[batch, width]`, and a few times the activations. Files, and
 * features that are held in memory, are apart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { measureMemory } from "./cohort_memory.ts";
 *
 * const student = { hidden: 6, dropout: 0.2, loss: { kind: "logit-mse" }, seed: 1 } as const;
 * const training = { batchSize: 128, optimiser: { kind: "adam" } } as const;
 * const { largest } = measureMemory([student], { width: 9216, classes: 10, training });
 * assertEquals(largest, 128 * 9216 * 4); // the features of a batch
 * ```
 */
export function measureMemory(
  members: StudentConfig[],
  { width, classes, training: { batchSize, optimiser } }: CohortSetting,
): CohortMemory {
  const units = countUnits(layOutCohort(members, { width, classes }));
  const outputs = members.length * classes;
  const features = batchSize * width;
  const weights = (width + 1 + classes) * units + outputs;
  // Read, after dropout, and a transposed copy, which some backends' gradients take.
  const activations = 3 * features +
    // Products, activations and their gradients; logits, losses and theirs.
    batchSize * (4 * units + 8 * outputs);
  const largest = Math.max(features, width * units, batchSize * outputs);
  const copies = 4 + 2 * SLOTS[optimiser.kind];
  return {
    bytes: FLOAT_BYTES * (copies * weights + activations),
    largest: FLOAT_BYTES * largest,
  };
}

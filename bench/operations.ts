import { modelCost } from "../core/models/cost.ts";
import { parseLayers } from "../core/models/parse_layers.ts";
import type { ModelSpec } from "../core/models/spec.ts";
import { studentSpec } from "../core/models/student.ts";
import { teacherSpec, trunkLayers } from "../core/models/teacher.ts";
import { type BoxNetwork, STUDENT_HIDDEN, type Task } from "./task.ts";

/** Multiply-adds of `spec` for one image, layer by layer, of those that have weights. */
function weightedLayers(spec: ModelSpec): number[] {
  return modelCost(spec).layers.filter(({ weights }) => weights.length > 0)
    .map(({ multiplyAdds }) => multiplyAdds);
}

/**
 * Multiplications and additions of a training step for one image: for each
 * layer's m multiply-adds, 2m forward, 2m for the gradient of its weights, and 2m
 * for that of its input, save for the first of the layers that learn. The last
 * `learning` layers with weights learn; all unless given.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { trainingOperations } from "./operations.ts";
 * import { teacherSpec } from "../core/models/teacher.ts";
 *
 * assertAlmostEquals(128 * trainingOperations(teacherSpec()) / 1e9, 9.16, 0.01);
 * ```
 */
export function trainingOperations(
  spec: ModelSpec,
  learning?: number,
): number {
  const layers = weightedLayers(spec);
  const first = layers.length - (learning ?? layers.length);
  return layers.reduce((sum, multiplyAdds, index) => {
    const passes = index < first ? 1 : index === first ? 2 : 3;
    return sum + 2 * multiplyAdds * passes;
  }, 0);
}

/** Multiplications and additions that the mathematics of a step of `task` needs. */
export function countOperations(task: Task): number {
  const student = (hidden: number) => studentSpec({ hidden });
  switch (task.work) {
    case "matmul":
      return 2 * task.size ** 3;
    case "teacher-step":
      return task.batch * trainingOperations(teacherSpec());
    case "student-step":
      return task.batch * trainingOperations(student(task.hidden), 2);
    case "feature-extraction":
      return task.batch * 2 * trunkMultiplyAdds();
    case "inference": {
      const spec = task.model === "teacher"
        ? teacherSpec()
        : student(STUDENT_HIDDEN);
      return task.batch * 2 * modelCost(spec).multiplyAdds;
    }
    case "compact-step":
      return task.batch * trainingOperations(task.spec);
    case "compact-load":
    case "read-png":
    case "read-jpeg":
      return 0;
    case "compact-inference":
      return (task.batch ?? 1) * 2 * task.multiplyAdds;
    case "black-box":
      return task.batch * 2 * modelCost(boxSpec(task.network)).multiplyAdds;
    case "cohort":
      // The features are there already.
      return task.students.reduce((sum, { hidden }) => {
        const whole = trainingOperations(student(hidden), 2);
        return sum + task.batch * (whole - 2 * trunkMultiplyAdds());
      }, 0);
  }
}

/** The layers of a network that a black box is measured with. */
export function boxSpec(network: BoxNetwork): ModelSpec {
  return network === "teacher"
    ? teacherSpec()
    : parseLayers("conv3x16/2,conv3x32,mean");
}

/** Multiply-adds of the teacher's convolutions for one image. */
function trunkMultiplyAdds(): number {
  return weightedLayers(teacherSpec()).slice(0, trunkLayers().length - 1)
    .reduce((a, b) => a + b, 0);
}

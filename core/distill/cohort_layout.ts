import type { FloatArray } from "../files/safetensors.ts";
import { glorotUniform } from "../models/initialise.ts";
import { randomStream } from "../random/stream.ts";
import type { StudentConfig } from "./student_config.ts";

/** Which entries of a cohort's shared weights belong to which member. */
export interface CohortLayout {
  /** The students, in the order of their units. */
  members: StudentConfig[];
  /** Features that every member reads. */
  width: number;
  /** Outputs of each member. */
  classes: number;
  /** Hidden units of all members together, H. */
  units: number;
  /** Member of each hidden unit `[H]`. */
  hiddenOwners: Int32Array<ArrayBuffer>;
  /** Member of each output `[members·classes]`. */
  outputOwners: Int32Array<ArrayBuffer>;
  /** 1 where a hidden unit and an output have one owner, else 0: `[H, members·classes]`. */
  block: Float32Array<ArrayBuffer>;
}

/**
 * Lays the members' units side by side, in their order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const { hiddenOwners } = layOutCohort(members, { width: 4, classes: 3 });
 * assertEquals(hiddenOwners, Int32Array.of(0, 1, 1));
 * ```
 */
export function layOutCohort(
  members: StudentConfig[],
  { width, classes }: { width: number; classes: number },
): CohortLayout {
  const hiddenOwners = Int32Array.from(
    members.flatMap(({ hidden }, member) => new Array(hidden).fill(member)),
  );
  const outputs = members.length * classes;
  const outputOwners = Int32Array.from(
    { length: outputs },
    (_, output) => Math.floor(output / classes),
  );
  const units = hiddenOwners.length;
  const block = Float32Array.from(
    { length: units * outputs },
    (_, index) =>
      Number(
        hiddenOwners[Math.floor(index / outputs)] ===
          outputOwners[index % outputs],
      ),
  );
  return { members, width, classes, units, hiddenOwners, outputOwners, block };
}

/**
 * Where hidden biases begin: above 0, so that each unit answers to every image
 * at first. A unit that is silent at the start never learns, and of six none can
 * be spared.
 */
const HIDDEN_BIAS = 1;

/** Kernel and bias of the hidden layer, then of the logits, as a member's own. */
function initialHead(
  { hidden, seed }: StudentConfig,
  { width, classes }: CohortLayout,
): FloatArray[] {
  const draw = (shape: number[], layer: number) =>
    glorotUniform(shape, randomStream(seed, "head", hidden, layer));
  const constant = (shape: number[], value: number) => ({
    shape,
    values: new Float32Array(shape[0]).fill(value),
  });
  return [
    draw([width, hidden], 0),
    constant([hidden], HIDDEN_BIAS),
    draw([hidden, classes], 1),
    constant([classes], 0),
  ];
}

/** Extents and first entry of a member's block in each of the four shared weights. */
function blocks(layout: CohortLayout, member: number) {
  const { members, width, classes, units } = layout;
  const { hidden } = members[member];
  const unit = layout.hiddenOwners.indexOf(member);
  const output = member * classes;
  const outputs = members.length * classes;
  return [
    { rows: width, columns: hidden, first: unit, stride: units },
    { rows: 1, columns: hidden, first: unit, stride: units },
    {
      rows: hidden,
      columns: classes,
      first: unit * outputs + output,
      stride: outputs,
    },
    { rows: 1, columns: classes, first: output, stride: outputs },
  ];
}

/**
 * The shared weights before the first step: `[width, H]`, `[H]`,
 * `[H, members·classes]`, `[members·classes]`. Each member's are decided by its
 * own seed and width, and so are the same in any cohort.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialCohort, layOutCohort } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const layout = layOutCohort(members, { width: 4, classes: 3 });
 * const shapes = initialCohort(layout).map(({ shape }) => shape);
 * assertEquals(shapes, [[4, 3], [3], [3, 6], [6]]);
 * ```
 */
export function initialCohort(layout: CohortLayout): FloatArray[] {
  const { members, width, classes, units } = layout;
  const outputs = members.length * classes;
  const shared = [[width, units], [units], [units, outputs], [outputs]].map(
    (shape) => ({
      shape,
      values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    }),
  );
  members.forEach((config, member) => {
    const own = initialHead(config, layout);
    blocks(layout, member).forEach(
      ({ rows, columns, first, stride }, index) => {
        for (let row = 0; row < rows; row++) {
          const values = own[index].values.subarray(
            row * columns,
            (row + 1) * columns,
          );
          shared[index].values.set(values, first + row * stride);
        }
      },
    );
  });
  return shared;
}

/**
 * The weights of one member, by its index, cut out of the shared ones: a
 * student's head, `[width, hidden]`, `[hidden]`, `[hidden, classes]`, `[classes]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutMember, initialCohort, layOutCohort } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const layout = layOutCohort(members, { width: 4, classes: 3 });
 * const head = cutMember(layout, initialCohort(layout), 1);
 * assertEquals(head.map(({ shape }) => shape), [[4, 2], [2], [2, 3], [3]]);
 * ```
 */
export function cutMember(
  layout: CohortLayout,
  shared: FloatArray[],
  member: number,
): FloatArray[] {
  return blocks(layout, member).map(
    ({ rows, columns, first, stride }, index) => {
      const values = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        const start = first + row * stride;
        values.set(
          shared[index].values.subarray(start, start + columns),
          row * columns,
        );
      }
      const isBias = shared[index].shape.length === 1;
      return { shape: isBias ? [columns] : [rows, columns], values };
    },
  );
}

import { assert, assertEquals, assertThrows } from "@std/assert";
import { biasReluGradient } from "../../../core/kernels/bias_relu/op.ts";
import { biasReluMaxPool } from "../../../core/kernels/max_pool/op.ts";
import { columnSum } from "../../../core/kernels/column_sum/op.ts";
import {
  mixedLoss,
  type MixedTerms,
  packTerms,
} from "../../../core/kernels/mixed_loss/op.ts";
import * as tf from "../../../core/tf.ts";

/** A rule about NaN, infinity or nothing that the current backend must keep. */
export interface Rule {
  name: string;
  check: () => Promise<void>;
}

const DROPOUT = { rate: 0.5, key: [3, 4], first: 0 } as const;

/** A NaN anywhere in a window makes its output and its gradient at the winner NaN. */
async function checkPooling(): Promise<void> {
  for (const channels of [1, 4, 6]) {
    for (let place = 0; place < 4; place++) {
      for (const dropout of [undefined, DROPOUT]) {
        const window = [1, 2, 3, 4];
        window[place] = NaN;
        // Beside it, a window that must stay as it is.
        const image = [...window.slice(0, 2), 5, 6, ...window.slice(2), 7, 8];
        const values = image.flatMap((value) => Array(channels).fill(value));
        const z = tf.tensor4d(values, [1, 2, 4, channels]);
        const pool = (z: tf.Tensor) =>
          biasReluMaxPool(z, tf.zeros([channels]), [2, 2], dropout);
        const y = [...await pool(z).data()];
        const name = `place ${place} of ${channels} channels: ${y}`;
        assert(y.slice(0, channels).every(Number.isNaN), name);
        assert(
          y.slice(channels).every((v) => v === 8 || v === 0 || v === 16),
          name,
        );
        const dz = await tf.grad(pool)(z).data();
        assertEquals(dz.filter(Number.isNaN).length, channels, name);
      }
    }
  }
}

/** dz = y > 0 ? dy · scale : 0, and NaN where y is. */
async function checkGradient(): Promise<void> {
  const cases = [2, 0, -0, NaN].flatMap((y) =>
    [1, 0, NaN, Infinity, -Infinity].map((dy) => ({
      y,
      dy,
      wanted: Number.isNaN(y) ? NaN : y > 0 ? 2 * dy : 0,
    }))
  );
  for (const length of [3, cases.length]) {
    const some = cases.slice(-length);
    const dz = biasReluGradient(
      tf.tensor1d(some.map(({ y }) => y)),
      tf.tensor1d(some.map(({ dy }) => dy)),
      DROPOUT,
    );
    assertEquals(
      Array.from(await dz.data(), (value) => value + 0),
      some.map(({ wanted }) => wanted + 0),
    );
  }
}

/** (a, b, c, T): without the teacher, by logits, by a softmax, and by both. */
const TERMS: Partial<MixedTerms>[] = [{ a: 1 }, { c: 1 }, {
  a: 0.5,
  b: 0.5,
  T: 4,
}, { a: 0.5, T: 4 }];

function lossesAndGradient(teacherLogits: number[], labels: number[]) {
  const classes = teacherLogits.length;
  const count = labels.length;
  const z = tf.tensor3d(
    Float32Array.from(
      { length: count * TERMS.length * classes },
      (_, i) => Math.sin(i),
    ),
    [count, TERMS.length, classes],
  );
  const losses = (z: tf.Tensor) =>
    mixedLoss(z, {
      labels: tf.tensor1d(labels, "int32"),
      teacherLogits: tf.tile(tf.tensor2d([teacherLogits]), [count, 1]),
      terms: packTerms(TERMS),
    });
  return { losses: losses(z), gradient: tf.grad(losses)(z) };
}

/** A broken teacher breaks the members that learn from it, and leaves the others. */
async function checkTeacher(): Promise<void> {
  const teacher = [1, 2, 3, 4, 5];
  const right = lossesAndGradient(teacher, [2]);
  const losses = await right.losses.data();
  const gradient = await right.gradient.data();
  for (const broken of [NaN, Infinity, -Infinity]) {
    for (let place = 0; place < 5; place++) {
      const given = lossesAndGradient(teacher.with(place, broken), [2]);
      const name = `${broken} at ${place}`;
      const own = await given.losses.data();
      const slopes = await given.gradient.data();
      for (const member of [0, 3]) {
        assertEquals(own[member], losses[member], name);
        const [from, to] = [5 * member, 5 * member + 5];
        assertEquals(slopes.slice(from, to), gradient.slice(from, to), name);
      }
      for (const member of [1, 2]) assert(!Number.isFinite(own[member]), name);
    }
  }
}

/** A label that is no class is refused, or makes its example NaN, and no other. */
async function checkLabels(): Promise<void> {
  for (const label of [-1, 5, 1000]) {
    if (tf.getBackend() === "wasm") {
      assertThrows(
        () => lossesAndGradient([1, 2, 3, 4, 5], [2, label, 1]),
        RangeError,
        `${label}`,
      );
      continue;
    }
    const given = lossesAndGradient([1, 2, 3, 4, 5], [2, label, 1]);
    for (const tensor of [given.losses, given.gradient]) {
      const values = await tensor.data();
      const own = values.length / 3;
      assertEquals(
        Array.from(values, Number.isNaN),
        Array.from(values, (_, i) => Math.floor(i / own) === 1),
      );
    }
  }
}

/** No rows add up to 0. */
async function checkColumnSum(): Promise<void> {
  for (const columns of [1, 4, 7]) {
    const sum = columnSum(tf.zeros([0, columns]));
    assertEquals(sum.shape, [columns]);
    assertEquals(await sum.data(), new Float32Array(columns));
  }
}

/** The rules of core/kernels about numbers that are none, for every backend. */
export const RULES: Rule[] = [
  {
    name: "a NaN in any place of a window is its maximum",
    check: checkPooling,
  },
  {
    name: "relu's gradient is NaN where y is, and 0 where y is 0",
    check: checkGradient,
  },
  {
    name: "a teacher's logits that aren't finite reach only who needs them",
    check: checkTeacher,
  },
  { name: "a label that is no class never passes", check: checkLabels },
  { name: "columns of no rows add up to 0", check: checkColumnSum },
];

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type MixedTerms,
  NEUTRAL_TERMS,
} from "../../../../core/kernels/mixed_loss/op.ts";
import { draw, type Given, runOnWasm } from "../wasm/run_on_wasm.ts";

/** log softmax(row / T). */
function logSoftmax(row: number[], temperature = 1): number[] {
  const scaled = row.map((value) => value / temperature);
  const largest = Math.max(...scaled);
  const sum = scaled.reduce((sum, u) => sum + Math.exp(u - largest), 0);
  return scaled.map((u) => u - largest - Math.log(sum));
}

/** Loss and gradient of one example and member, in double precision. */
function reference(
  z: number[],
  v: number[],
  label: number,
  { a, b, c, T }: MixedTerms,
) {
  const gradient = z.map(() => 0);
  let loss = 0;
  if (a !== 0) {
    const logs = logSoftmax(z);
    loss -= a * logs[label];
    logs.forEach((log, k) =>
      gradient[k] += a * (Math.exp(log) - Number(k === label))
    );
  }
  if (b !== 0) {
    const logs = logSoftmax(z, T);
    logSoftmax(v, T).forEach((wanted, k) => {
      const share = Math.exp(wanted);
      if (share > 0) loss += b * T * T * share * (wanted - logs[k]);
      gradient[k] += b * T * (Math.exp(logs[k]) - share);
    });
  }
  z.forEach((value, k) => {
    loss += c / z.length * (value - v[k]) ** 2;
    gradient[k] += 2 * c / z.length * (value - v[k]);
  });
  return { loss, gradient };
}

interface Problem {
  logits: Given;
  labels: Given;
  teacherLogits: Given;
  terms: Given;
}

const MIXED: Partial<MixedTerms>[] = [
  { a: 1 },
  { c: 1 },
  { a: 0.5, b: 0.5, T: 4 },
  { b: 1, T: 4 },
  { a: 0.2, b: 0.3, c: 0.7, T: 0.5 },
  { b: 1, T: 20 },
  {},
];

const TERMS: MixedTerms[] = MIXED.map((terms) => ({
  ...NEUTRAL_TERMS,
  ...terms,
}));

/** What member `index` learns by. */
function termsOf(index: number): MixedTerms {
  return TERMS[index % TERMS.length];
}

function drawProblem(
  [examples, members, classes]: number[],
  scale: number,
): Problem {
  const scaled = (shape: number[], name: string) => {
    const { values } = draw(shape, name);
    return {
      shape,
      values: Float32Array.from(values, (value) => scale * value),
    };
  };
  return {
    logits: scaled([examples, members, classes], "logits"),
    teacherLogits: scaled([examples, classes], "teacher"),
    labels: {
      shape: [examples],
      values: Int32Array.from(
        { length: examples },
        (_, i) => (7 * i) % classes,
      ),
    },
    terms: {
      shape: [members, Object.keys(NEUTRAL_TERMS).length],
      values: Float32Array.from(
        Array.from({ length: members }, (_, m) => termsOf(m))
          .flatMap((terms) => Object.values(terms)),
      ),
    },
  };
}

function near(given: number, wanted: number, scale: number): boolean {
  return Math.abs(given - wanted) <= 1e-6 * Math.max(scale, Math.abs(wanted));
}

/** Runs the kernel and compares every loss and slope with the reference. */
async function assertProblem(problem: Problem, scale: number) {
  const { logits, teacherLogits, labels } = problem;
  const [losses, gradient] = await runOnWasm("RetortMixedLoss", { ...problem });
  const [examples, members, classes] = logits.shape;
  assertEquals(losses.shape, [examples, members]);
  assertEquals(gradient.shape, logits.shape);
  for (let row = 0; row < examples * members; row++) {
    const example = Math.floor(row / members);
    const own = (
      given: Given,
      index: number,
      width: number,
    ) => [...given.values.subarray(index * width, (index + 1) * width)];
    const terms = termsOf(row % members);
    const wanted = reference(
      own(logits, row, classes),
      own(teacherLogits, example, classes),
      labels.values[example],
      terms,
    );
    const name = `row ${row}, terms ${Object.values(terms)}`;
    // Logarithms of shares are of this size, and T² weighs what is left of them.
    const weight = Math.max(1, scale) * Math.max(1, terms.T ** 2);
    const loss = losses.values[row];
    assert(
      near(loss, wanted.loss, weight),
      `${name}: ${loss} for ${wanted.loss}`,
    );
    own(gradient, row, classes).forEach((slope, k) => {
      const right = near(slope, wanted.gradient[k], Math.max(1, terms.T));
      assert(right, `${name}: slope ${slope} for ${wanted.gradient[k]}`);
    });
  }
}

for (const classes of [1, 2, 3, 4, 5, 10, 17]) {
  Deno.test(`RetortMixedLoss over ${classes} classes equals the formula in double precision`, async () => {
    for (const [examples, members] of [[1, 1], [3, 7], [17, 9]]) {
      for (const scale of [0.01, 1, 20]) {
        await assertProblem(
          drawProblem([examples, members, classes], scale),
          scale,
        );
      }
    }
  });
}

Deno.test("RetortMixedLoss of no examples or no members is empty", async () => {
  await assertProblem(drawProblem([0, 3, 10], 1), 1);
  await assertProblem(drawProblem([3, 0, 10], 1), 1);
});

Deno.test("RetortMixedLoss of logits around ±10⁴ is finite and right", async () => {
  await assertProblem(drawProblem([5, 14, 10], 1e4), 1e4);
  const problem = drawProblem([2, 7, 3], 1);
  problem.logits.values.forEach((_, i) =>
    problem.logits.values[i] = i % 2 ? 1e4 : -1e4
  );
  await assertProblem(problem, 1e4);
});

Deno.test("RetortMixedLoss gives NaN in the row of a NaN logit, and in no other", async () => {
  for (const classes of [3, 10]) {
    for (let place = 0; place < classes; place++) {
      const problem = drawProblem([2, 6, classes], 1);
      for (let member = 0; member < 6; member++) {
        problem.logits.values[member * classes + place] = NaN;
      }
      const [losses, gradient] = await runOnWasm("RetortMixedLoss", {
        ...problem,
      });
      assertEquals(
        Array.from(losses.values, Number.isNaN),
        Array.from(losses.values, (_, row) => row < 6),
      );
      for (let member = 0; member < 6; member++) {
        assert(Number.isNaN(gradient.values[member * classes + place]));
      }
      assert(gradient.values.slice(6 * classes).every(Number.isFinite));
    }
  }
});

Deno.test("RetortMixedLoss gives NaN where a teacher's logit that counts is NaN", async () => {
  const problem = drawProblem([1, 7, 10], 1);
  problem.teacherLogits.values[9] = NaN;
  const [losses] = await runOnWasm("RetortMixedLoss", { ...problem });
  assertEquals(
    Array.from(losses.values, Number.isNaN),
    TERMS.map(({ b, c }) => b + c > 0),
  );
});

Deno.test("RetortMixedLoss refuses a label that is no class", async () => {
  for (const label of [-1, 10]) {
    const problem = drawProblem([3, 1, 10], 1);
    problem.labels.values[1] = label;
    await assertRejects(
      () => runOnWasm("RetortMixedLoss", { ...problem }),
      RangeError,
      String(label),
    );
  }
});

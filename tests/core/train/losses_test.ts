import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import {
  checkLoss,
  crossEntropy,
  distillation,
  lossPerExample,
  type LossSpec,
} from "../../../core/train/losses.ts";
import * as tf from "../../../core/tf.ts";
import golden from "../../golden/losses.json" with { type: "json" };

await tf.setBackend("cpu");

const LOSSES: LossSpec[] = [
  { kind: "cross-entropy" },
  { kind: "logit-mse" },
  { kind: "distillation", temperature: 4, alpha: 0.9 },
  { kind: "distillation", temperature: 1, alpha: 0.5 },
  { kind: "distillation", temperature: 20, alpha: 1 },
];

function describe(loss: LossSpec): string {
  return loss.kind === "distillation"
    ? `distillation at T = ${loss.temperature}, α = ${loss.alpha}`
    : loss.kind;
}

/** Σ over the examples of `loss`, as a function of the logits alone. */
function sumOf(loss: LossSpec, labels: number[][], teacher: number[][]) {
  return (logits: tf.Tensor) =>
    tf.sum<tf.Scalar>(lossPerExample(loss, logits, {
      labels: tf.tensor2d(labels),
      teacherLogits: tf.tensor2d(teacher),
    }));
}

for (const loss of LOSSES) {
  const expected = golden.cases.find((each) =>
    JSON.stringify(each.loss) === JSON.stringify(loss)
  );

  Deno.test(`${describe(loss)} has PyTorch's values and gradients`, async () => {
    assert(expected !== undefined);
    const logits = tf.tensor2d(golden.logits);
    const values = lossPerExample(loss, logits, {
      labels: tf.tensor2d(golden.labels),
      teacherLogits: tf.tensor2d(golden.teacherLogits),
    });
    assertEquals(values.shape, [4]);
    const numbers = expected?.values ?? [];
    // float32: an exact 1 in log-softmax's terms counts T² times.
    (await values.data()).forEach((value, i) =>
      assertAlmostEquals(value, numbers[i], 1e-5 * Math.max(1, numbers[i]))
    );
    const gradient = tf.grad(
      sumOf(loss, golden.labels, golden.teacherLogits),
    )(logits);
    const wanted = expected?.gradient.flat() ?? [];
    (await gradient.data()).forEach((value, i) =>
      assertAlmostEquals(value, wanted[i], 1e-5)
    );
  });

  Deno.test(`${describe(loss)} has the gradient of finite differences`, async () => {
    const sum = sumOf(loss, golden.labels, golden.teacherLogits);
    const logits = golden.logits.flat();
    const gradient = await tf.grad(sum)(tf.tensor2d(golden.logits)).data();
    // The loss bends over distances of T.
    const h = loss.kind === "distillation" ? loss.temperature / 100 : 1 / 100;
    for (let i = 0; i < logits.length; i++) {
      const at = async (offset: number) => {
        const moved = logits.with(i, logits[i] + offset);
        return (await sum(tf.tensor2d(moved, [4, 5])).data())[0];
      };
      const slope = (await at(h) - await at(-h)) / (2 * h);
      // float32 sums of size 10 to 100 are exact to about 1e-5, over 2h.
      assertAlmostEquals(
        gradient[i],
        slope,
        5e-3 * Math.max(1, Math.abs(slope)),
      );
    }
  });

  Deno.test(`${describe(loss)} and its gradient stay finite at logits of ±10,000`, async () => {
    const [labels, teacher] = [[[0, 1, 0]], [[-1e4, 1e4, 0]]];
    const logits = tf.tensor2d([[1e4, -1e4, 0]]);
    const sum = sumOf(loss, labels, teacher);
    const [value] = await sum(logits).data();
    assert(Number.isFinite(value) && value > 0);
    const gradient = await tf.grad(sum)(logits).data();
    assert(gradient.every(Number.isFinite), `${gradient}`);
    // Descent lowers the class preferred by mistake and raises the right one.
    assert(gradient[0] > 0 && gradient[1] < 0);
  });

  Deno.test(`${describe(loss)} refuses logits and targets of different shapes`, () => {
    const [wide, narrow] = [tf.zeros([4, 3]), tf.zeros([1, 3])];
    assertThrows(
      () =>
        lossPerExample(loss, wide, { labels: narrow, teacherLogits: narrow }),
      RangeError,
      "they have [4, 3] and [1, 3]",
    );
  });

  Deno.test(`${describe(loss)} gives one value an example over any leading axes`, () => {
    const z = tf.zeros([2, 4, 3]);
    const losses = lossPerExample(loss, z, { labels: z, teacherLogits: z });
    assertEquals(losses.shape, [2, 4]);
  });
}

Deno.test("crossEntropy is exact at logits of ±10,000", async () => {
  const logits = tf.tensor2d([[1e4, -1e4], [1e4, -1e4]]);
  const losses = crossEntropy(logits, tf.tensor2d([[1, 0], [0, 1]]));
  assertEquals([...await losses.data()], [0, 20_000]);
  const gradient = tf.grad((z: tf.Tensor) =>
    tf.sum(crossEntropy(z, tf.tensor2d([[1, 0], [0, 1]])))
  )(logits);
  assertEquals([...await gradient.data()], [0, 0, 1, -1]);
});

Deno.test("distillation's soft gradient keeps its scale as T grows, by the factor T²", async () => {
  const teacherLogits = tf.tensor2d([[2, -1, 0.5]]);
  const gradientNorm = async (temperature: number) => {
    const gradient = tf.grad((z: tf.Tensor) =>
      distillation(
        z,
        { labels: tf.tensor2d([[1, 0, 0]]), teacherLogits },
        { temperature, alpha: 1 },
      ).sum()
    )(tf.tensor2d([[0, 1, 0]]));
    return (await tf.norm(gradient).data())[0];
  };
  // For large T it tends to |z − v| / classes, means removed (Hinton, 2015, eq. 4).
  const difference = [0 - 1 / 3 - (2 - 0.5), 1 - 1 / 3 + 1 + 0.5, 0 - 1 / 3];
  const limit = Math.hypot(...difference) / 3;
  assertAlmostEquals(await gradientNorm(100), limit, 0.02 * limit);
  assertAlmostEquals(await gradientNorm(1000), limit, 0.02 * limit);
});

Deno.test("distillation refuses labels of another shape", () => {
  assertThrows(
    () =>
      distillation(
        tf.zeros([2, 3]),
        { labels: tf.zeros([1, 3]), teacherLogits: tf.zeros([2, 3]) },
        { temperature: 1, alpha: 1 },
      ),
    RangeError,
    "cross-entropy",
  );
});

for (const kind of ["logit-mse", "distillation"] as const) {
  Deno.test(`lossPerExample refuses ${kind} without a teacher's logits`, () => {
    const loss = { kind, temperature: 1, alpha: 1 };
    const z = tf.zeros([1, 2]);
    assertThrows(
      () => lossPerExample(loss, z, { labels: z }),
      TypeError,
      `Cannot compute ${kind}`,
    );
  });
}

for (
  const [field, value] of [
    ["temperature", 0],
    ["temperature", -1],
    ["temperature", Infinity],
    ["temperature", NaN],
    ["alpha", -0.1],
    ["alpha", 1.1],
    ["alpha", NaN],
  ] as const
) {
  Deno.test(`checkLoss refuses distillation with ${field} ${value}`, () => {
    const good = { kind: "distillation", temperature: 4, alpha: 0.5 } as const;
    checkLoss(good);
    assertThrows(
      () => checkLoss({ ...good, [field]: value }),
      RangeError,
      `${field} must be`,
    );
  });
}

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import * as tf from "../../../../core/tf.ts";
import { exampleLosses } from "../../../../core/train/losses/example_losses.ts";
import {
  checkLoss,
  describeLoss,
  formatLoss,
  isDistilled,
  LOSSES,
  type LossKind,
  type LossSpec,
  nameLoss,
  parseLoss,
  parseLossName,
} from "../../../../core/train/losses/losses.ts";
import golden from "../../../golden/losses.json" with { type: "json" };
import { textbookLoss } from "./textbook_losses.ts";

await useCpu();

/** One of each kind that PyTorch gave values of, and others of the same kind. */
const CASES: { [K in LossKind]: LossSpec<K>[] } = {
  "cross-entropy": [{ kind: "cross-entropy" }],
  "logit-mse": [{ kind: "logit-mse" }],
  distillation: [
    { kind: "distillation", temperature: 4, alpha: 0.9 },
    { kind: "distillation", temperature: 1, alpha: 0.5 },
    { kind: "distillation", temperature: 20, alpha: 1 },
  ],
};

const classOf = (row: number[]) => row.indexOf(1);

/** Σ over the examples of `loss`, as a function of the logits alone. */
function sumOf(loss: LossSpec, oneHot: number[][], teacher: number[][]) {
  return (logits: tf.Tensor) =>
    tf.sum<tf.Scalar>(exampleLosses(loss, logits, {
      labels: tf.tensor1d(oneHot.map(classOf), "int32"),
      teacherLogits: tf.tensor2d(teacher),
    }));
}

for (const loss of Object.values(CASES).flat()) {
  const name = nameLoss(loss);
  const sum = sumOf(loss, golden.labels, golden.teacherLogits);

  Deno.test(`${name} has PyTorch's values and gradients`, async () => {
    const { values, gradient } = golden.cases.find((each) =>
      JSON.stringify(each.loss) === JSON.stringify(loss)
    ) ?? { values: [], gradient: [] };
    assertEquals(values.length, 4, "PyTorch gave no values of it");
    const logits = tf.tensor2d(golden.logits);
    const losses = exampleLosses(loss, logits, {
      labels: tf.tensor1d(golden.labels.map(classOf), "int32"),
      teacherLogits: tf.tensor2d(golden.teacherLogits),
    });
    assertEquals(losses.shape, [4]);
    // float32: an exact 1 in log-softmax's terms counts T² times.
    (await losses.data()).forEach((value, i) =>
      assertAlmostEquals(value, values[i], 1e-5 * Math.max(1, values[i]))
    );
    (await tf.grad(sum)(logits).data()).forEach((value, i) =>
      assertAlmostEquals(value, gradient.flat()[i], 1e-5)
    );
  });

  Deno.test(`${name} has its textbook's values and gradients`, async () => {
    const logits = tf.tensor2d(golden.logits);
    const wanted = (z: tf.Tensor) =>
      tf.sum<tf.Scalar>(textbookLoss(loss, z, {
        labels: tf.tensor2d(golden.labels),
        teacherLogits: tf.tensor2d(golden.teacherLogits),
      }));
    const pairs = [
      [sum(logits), wanted(logits)],
      [tf.grad(sum)(logits), tf.grad(wanted)(logits)],
    ];
    for (const [given, reference] of pairs) {
      const numbers = await reference.data();
      (await given.data()).forEach((value, i) =>
        assertAlmostEquals(value, numbers[i], 1e-5 * Math.max(1, numbers[i]))
      );
    }
  });

  Deno.test(`${name} has the gradient of finite differences`, async () => {
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

  Deno.test(`${name} and its gradient stay finite at logits of ±10,000`, async () => {
    const far = sumOf(loss, [[0, 1, 0]], [[-1e4, 1e4, 0]]);
    const logits = tf.tensor2d([[1e4, -1e4, 0]]);
    const [value] = await far(logits).data();
    assert(Number.isFinite(value) && value > 0);
    const gradient = await tf.grad(far)(logits).data();
    assert(gradient.every(Number.isFinite), `${gradient}`);
    // Descent lowers the class preferred by mistake and raises the right one.
    assert(gradient[0] > 0 && gradient[1] < 0);
  });

  Deno.test(`${name} refuses targets of another shape`, () => {
    const targets = {
      labels: tf.zeros<tf.Rank.R1>([1], "int32"),
      teacherLogits: tf.zeros([1, 3]),
    };
    assertThrows(
      () =>
        exampleLosses(loss, tf.zeros([4, 3]), targets),
      RangeError,
      "current value is [4, 1, 3], [1]",
    );
  });

  Deno.test(`${name} needs a teacher's logits only where it distils`, () => {
    const labels = tf.zeros<tf.Rank.R1>([1], "int32");
    const compute = () => exampleLosses(loss, tf.zeros([1, 2]), { labels });
    if (isDistilled(name)) {
      assertThrows(compute, TypeError, `Cannot compute ${loss.kind}`);
    } else assertEquals(compute().shape, [1]);
  });

  Deno.test(`${name} is the same after its text, and after its name`, () => {
    assertEquals(parseLoss(formatLoss(loss), "a loss"), loss);
    assertEquals(parseLossName(name), loss);
  });
}

Deno.test("cross-entropy is exact at logits of ±10,000", async () => {
  const logits = tf.tensor2d([[1e4, -1e4], [1e4, -1e4]]);
  const losses = (z: tf.Tensor) =>
    exampleLosses({ kind: "cross-entropy" }, z, {
      labels: tf.tensor1d([0, 1], "int32"),
    });
  assertEquals([...await losses(logits).data()], [0, 20_000]);
  const gradient = tf.grad((z: tf.Tensor) => tf.sum(losses(z)))(logits);
  assertEquals([...await gradient.data()], [0, 0, 1, -1]);
});

Deno.test("distillation's soft gradient keeps its scale as T grows, by the factor T²", async () => {
  const gradientNorm = async (temperature: number) => {
    const loss = { kind: "distillation", temperature, alpha: 1 } as const;
    const sum = sumOf(loss, [[1, 0, 0]], [[2, -1, 0.5]]);
    const gradient = tf.grad(sum)(tf.tensor2d([[0, 1, 0]]));
    return (await tf.norm(gradient).data())[0];
  };
  // For large T it tends to |z − v| / classes, means removed (Hinton, 2015, eq. 4).
  const difference = [0 - 1 / 3 - (2 - 0.5), 1 - 1 / 3 + 1 + 0.5, 0 - 1 / 3];
  const limit = Math.hypot(...difference) / 3;
  assertAlmostEquals(await gradientNorm(100), limit, 0.02 * limit);
  assertAlmostEquals(await gradientNorm(1000), limit, 0.02 * limit);
});

Deno.test("losses that differ in one parameter have different texts and names", () => {
  const losses = CASES.distillation;
  assertEquals(new Set(losses.map(formatLoss)).size, losses.length);
  assertEquals(new Set(losses.map(nameLoss)).size, losses.length);
});

Deno.test("describeLoss says in words what a loss is", () => {
  const names = Object.values(CASES).map(([loss]) => nameLoss(loss));
  assertEquals(names.map(describeLoss), [
    "labels only",
    "distilled (logit regression)",
    "distilled (T = 4, α = 0.9)",
  ]);
});

for (
  const name of [
    "",
    "hinge",
    "toString",
    "logit-mse()",
    "logit-mse(T=4)",
    "distillation",
    "distillation(T=4)",
    "distillation(alpha=0.9,T=4)",
    "distillation(T=4,alpha=0.90)",
    "distillation(T=4,alpha=2)",
    "distillation(T=4,alpha=0.9,beta=1)",
  ]
) {
  Deno.test(`parseLossName refuses "${name}"`, () => {
    assertThrows(() => parseLossName(name), SyntaxError, `the loss ${name}:`);
  });
}

for (
  const text of [
    "null",
    '"logit-mse"',
    '{"kind":"hinge"}',
    '{"kind":"logit-mse","temperature":4}',
    '{"kind":"distillation","temperature":4}',
    '{"kind":"distillation","temperature":"4","alpha":0.9}',
    '{"kind":"distillation","temperature":4,"alpha":2}',
    '{"kind":"distillation","temperature":4,"alpha":0.9,"beta":1}',
  ]
) {
  Deno.test(`parseLoss refuses ${text}`, () => {
    assertThrows(
      () => parseLoss(text, "a trial's loss of study.db"),
      SyntaxError,
      `Cannot read a trial's loss of study.db: it must be a known loss with its parameters: found ${text}`,
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

Deno.test("checkLoss refuses a parameter that the loss hasn't, lest it vanish", () => {
  const loss = { kind: "logit-mse", temperature: 4 } as const;
  assertThrows(() => checkLoss(loss), TypeError, "found temperature");
});

Deno.test("no two losses share an option's word or the beginning of a file's name", () => {
  const rules = Object.values(LOSSES);
  for (const field of ["option", "prefix"] as const) {
    const words = rules.map((rule) => rule[field]);
    assertEquals(new Set(words).size, words.length, field);
  }
});

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import {
  mixedLoss,
  type MixedTerms,
  packTerms,
} from "../../../../core/kernels/mixed_loss/op.ts";
import * as tf from "../../../../core/tf.ts";
import { testOnEveryBackend } from "../every_backend.ts";
import { assertGradients } from "../../../finite_differences.ts";

await useCpu();

const TERMS: Partial<MixedTerms>[] = [
  { a: 1 },
  { c: 1 },
  { a: 0.1, b: 0.9, T: 4 },
  { a: 0.5, b: 1, c: 2, T: 0.5 },
];

function targets(n: number, terms = TERMS) {
  return {
    labels: tf.tensor1d(Array.from({ length: n }, (_, i) => i % 3), "int32"),
    teacherLogits: tf.tensor2d(
      Float32Array.from({ length: n * 3 }, (_, i) => 3 * Math.sin(i)),
      [n, 3],
    ),
    terms: packTerms(terms),
  };
}

// By PyTorch 1.13 in float64: cross_entropy, mse_loss, kl_div of log_softmax.
const GOLDEN = {
  losses: [[5.085097, 4.807397, 2.051769, 11.524394], [
    3.504597,
    13.567837,
    2.283551,
    25.338313,
  ]],
  gradient: [[
    [-0.993812, 0.075389, 0.918423],
    [-0.333333, -0.349609, -2.485262],
    [0.747998, -0.667949, -0.080048],
    [3.498797, -4.215926, -0.952611],
  ], [[0.603749, -0.969941, 0.366192], [1.71776, 1.513605, 3.584515], [
    -0.880825,
    0.839179,
    0.041646,
  ], [-0.355265, 7.462117, 3.858242]]],
};

testOnEveryBackend(
  "mixedLoss has PyTorch's values and gradients for every member's terms",
  async () => {
    const logits = tf.tensor3d(
      Float32Array.from({ length: 24 }, (_, index) => {
        const [i, m, c] = [
          Math.floor(index / 12),
          Math.floor(index / 3) % 4,
          index % 3,
        ];
        return 0.5 * ((7 * i + 3 * m + 5 * c) % 11) - 2;
      }),
      [2, 4, 3],
    );
    const losses = (z: tf.Tensor) => mixedLoss(z, targets(2));
    const near = (given: ArrayLike<number>, wanted: number[]) =>
      wanted.forEach((value, i) => assertAlmostEquals(given[i], value, 1e-5));
    near(await losses(logits).data(), GOLDEN.losses.flat());
    near(await tf.grad(losses)(logits).data(), GOLDEN.gradient.flat(2));
  },
);

testOnEveryBackend(
  "mixedLoss has the gradient of finite differences for every member",
  async () => {
    await assertGradients(
      (logits) => mixedLoss(logits, targets(2)),
      [[2, 4, 3]],
    );
  },
);

testOnEveryBackend(
  "mixedLoss and its gradient stay finite at logits of ±10,000",
  async () => {
    const logits = tf.tensor3d([[[1e4, -1e4, 0]]]);
    const teacherLogits = tf.tensor2d([[-1e4, 1e4, 0]]);
    const labels = tf.tensor1d([1], "int32");
    for (const row of TERMS) {
      const terms = packTerms([row]);
      const name = JSON.stringify(row);
      const losses = (z: tf.Tensor) =>
        mixedLoss(z, { labels, teacherLogits, terms });
      const [loss] = await losses(logits).data();
      assert(Number.isFinite(loss) && loss > 0, `${name}: ${loss}`);
      const gradient = await tf.grad(losses)(logits).data();
      assert(gradient.every(Number.isFinite), `${name}: ${gradient}`);
      assert(gradient[0] > 0 && gradient[1] < 0, `${name}: ${gradient}`);
    }
  },
);

testOnEveryBackend("a member's loss doesn't depend on the others", async () => {
  const logits = tf.tensor3d([[[1, 2, 3], [4, 5, 7]]]);
  const losses = await mixedLoss(logits, targets(1, TERMS.slice(1, 3))).data();
  for (const member of [0, 1]) {
    const own = tf.slice(logits, [0, member, 0], [1, 1, 3]);
    const terms = TERMS.slice(1 + member, 2 + member);
    const [alone] = await mixedLoss(own, targets(1, terms)).data();
    assertEquals(losses[member], alone);
  }
});

Deno.test("mixedLoss leaks nothing in a tidy", () => {
  const given = { logits: tf.ones([2, 4, 3]), ...targets(2) };
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grad((z: tf.Tensor) => mixedLoss(z, given))(given.logits);
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("mixedLoss refuses shapes that don't go together", () => {
  assertThrows(
    () => mixedLoss(tf.ones([2, 3, 3]), targets(2)),
    RangeError,
    "current value is [2, 3, 3], [2], [2, 3], [4, 4]",
  );
});

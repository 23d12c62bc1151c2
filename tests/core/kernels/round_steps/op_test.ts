import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { decodeHalf, encodeHalf } from "../../../../core/infer/half.ts";
import { roundSteps } from "../../../../core/kernels/round_steps/op.ts";
import { roundStep } from "../../../../core/kernels/round_steps/round_step.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { octaveOf } from "../../../../core/train/constraints/start_variables.ts";
import * as tf from "../../../../core/tf.ts";
import { fc } from "../../../seeded_check.ts";
import { testOnEveryBackend } from "../every_backend.ts";

/** Octaves at random, within the bounds and beyond, and those where rounding turns. */
function drawOctaves(): Float32Array {
  const random = randomStream(7, "octaves");
  const drawn = Array.from({ length: 4000 }, () => 40 * random.uniform() - 20);
  const turns = Array.from({ length: 600 }, () => {
    const octave = random.below(30) - 14;
    const turn = octave + (random.below(16) + 0.5) / 16;
    return [octave, octave - 1e-6, octave + 0.5, turn, turn - 1e-6];
  });
  return Float32Array.from([...drawn, ...turns.flat(), 1e-9, -1e-9, 1e9, -1e9]);
}

Deno.test("every float16 from 2⁻¹⁴ up of four fraction bits is the step of its octave", () => {
  for (let bits = encodeHalf(2 ** -14); bits < 0x7c00; bits += 64) {
    const step = decodeHalf(bits);
    assertEquals(roundStep(Math.fround(octaveOf(step)), false), step);
    const isPower = Number.isInteger(Math.log2(step));
    if (isPower) assertEquals(roundStep(octaveOf(step), true), step);
  }
});

Deno.test("a step grows with its octave, and is a float16 or a power of two", () => {
  const octave = fc.float({ noNaN: true, min: -20, max: 20 });
  fc.assert(fc.property(octave, octave, (one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    for (const powerOfTwo of [false, true]) {
      const step = roundStep(low, powerOfTwo);
      assert(step <= roundStep(high, powerOfTwo));
      assertEquals(decodeHalf(encodeHalf(step)), step);
      if (powerOfTwo) assert(Number.isInteger(Math.log2(step)));
    }
  }));
});

Deno.test("a step is kept positive and within its range, and halves round up", () => {
  assertEquals(roundStep(-99, false), 2 ** -14);
  assertEquals(roundStep(99, false), 63488);
  assertEquals(roundStep(-99, true), 2 ** -14);
  assertEquals(roundStep(99, true), 2 ** 15);
  assertEquals(roundStep(-2.5, true), 0.25);
  assertEquals(roundStep(1 + 0.5 / 16, false), 2 + 2 / 16);
});

testOnEveryBackend("roundSteps gives the bits of `roundStep`", async () => {
  const octaves = drawOctaves();
  for (const powerOfTwo of [false, true]) {
    const steps = roundSteps(tf.tensor1d(octaves), { powerOfTwo, slope: 1 });
    assertEquals(
      await steps.data(),
      octaves.map((octave) => roundStep(octave, powerOfTwo)),
    );
  }
});

testOnEveryBackend(
  "roundSteps has the slopes that differences find, times its factor",
  async () => {
    const before = tf.memory().numTensors;
    const reach = 1 / 16;
    const slope = 0.25;
    // Multiples of 2⁻¹⁰, whose neighbours within reach are in their octave.
    const octaves = [-13.5, -7.875, -4.25, 0.125, 3.75, 14.5];
    const powers = [-14, -7, -1, 0, 4, 15];
    const slopesAt = async (given: number[], powerOfTwo: boolean) => {
      const gradient = tf.tidy(() =>
        tf.grad((v: tf.Tensor) => roundSteps(v, { powerOfTwo, slope }))(
          tf.tensor1d(given),
          tf.tensor1d(given.map((_, i) => i - 2)),
        )
      );
      const slopes = [...await gradient.data()];
      gradient.dispose();
      return slopes;
    };
    const rise = (step: (octave: number) => number) => (v: number, i: number) =>
      slope * (i - 2) * (step(v + reach) - step(v - reach)) / (2 * reach);
    assertEquals(
      await slopesAt(octaves, false),
      octaves.map(rise((octave) => roundStep(octave, false))),
    );
    // Of powers the smooth 2^v; its differences err by (reach · ln 2)² / 6.
    const wanted = powers.map(rise((octave) => 2 ** octave));
    (await slopesAt(powers, true)).forEach((given, i) =>
      assertAlmostEquals(given, wanted[i], Math.abs(wanted[i]) * 4e-4)
    );
    assertEquals(tf.memory().numTensors, before, "tensors were leaked");
  },
);

testOnEveryBackend("the gradient passes the bounds of steps", async () => {
  for (const powerOfTwo of [false, true]) {
    const gradient = tf.grad((v: tf.Tensor) =>
      roundSteps(v, { powerOfTwo, slope: 1 })
    )(tf.tensor1d([-99, 99]));
    const [low, high] = await gradient.data();
    const factor = powerOfTwo ? Math.LN2 : 1;
    assertAlmostEquals(low, factor * 2 ** -14, 1e-9);
    assertAlmostEquals(high, factor * 2 ** 15, 1e-2);
  }
});

testOnEveryBackend("an octave that is NaN gives NaN", async () => {
  for (const powerOfTwo of [false, true]) {
    const octaves = tf.tensor1d([NaN, 1]);
    const steps = roundSteps(octaves, { powerOfTwo, slope: 1 });
    assertEquals([...await steps.data()], [NaN, 2]);
    const gradient = tf.grad((v: tf.Tensor) =>
      roundSteps(v, { powerOfTwo, slope: 1 })
    )(octaves);
    assertEquals([...await gradient.data()].map(Number.isNaN), [true, false]);
  }
});

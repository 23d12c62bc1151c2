import { assertEquals } from "@std/assert";
import { decodeHalf, roundToHalf } from "../../../../core/infer/half.ts";
import { roundHalves } from "../../../../core/kernels/round_halves/op.ts";
import * as tf from "../../../../core/tf.ts";
import { testOnEveryBackend } from "../every_backend.ts";

/** All float16s, what lies halfway between two, and what lies close to that. */
function boundaries(): Float32Array {
  const numbers: number[] = [];
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [decodeHalf(bits), decodeHalf(bits + 1)];
    const middle = (low + high) / 2;
    const close = (high - low) / 4096;
    numbers.push(low, middle - close, middle, middle + close);
  }
  return Float32Array.from(numbers.flatMap((each) => [each, -each]));
}

testOnEveryBackend(
  "roundHalves rounds as `roundToHalf` does, −0 to 0",
  async () => {
    const given = boundaries();
    const rounded = await roundHalves(tf.tensor1d(given)).data();
    // `Object.is` tells 0 from −0.
    const wrong = given.filter((value, i) =>
      !Object.is(rounded[i], roundToHalf(value) + 0)
    );
    assertEquals([...wrong], []);
  },
);

testOnEveryBackend(
  "roundHalves keeps within bounds and passes the gradient on",
  async () => {
    const x = tf.tensor1d([-1e9, 0.1, 70000]);
    assertEquals([...await roundHalves(x).data()].map(Math.round), [
      -65504,
      0,
      65504,
    ]);
    const gradient = tf.grad((x: tf.Tensor) => roundHalves(x))(x);
    assertEquals([...await gradient.data()], [1, 1, 1]);
  },
);

import { assertEquals, assertThrows } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";
import { assertParity, averagePooling, depthwise } from "../../../parity.ts";
import { leaveInMemory } from "../wasm/garbage.ts";

Deno.test("depthwise convolutions and their gradients on Wasm equal the CPU's, for odd shapes and strides", async () => {
  await useWasm();
  await assertParity([
    depthwise([3, 9, 8, 8], [3, 3], 1, "valid"),
    depthwise([2, 9, 8, 8], [3, 3], 1, "same"),
    depthwise([2, 9, 8, 4], [3, 3], 2, "same"),
    depthwise([2, 8, 9, 4], [3, 3], 2, "same"),
    depthwise([2, 11, 10, 5], [5, 5], 1, "same"),
    depthwise([2, 11, 12, 6], [5, 5], 2, "valid"),
    depthwise([1, 7, 6, 1], [3, 2], [2, 1], "same"),
    depthwise([2, 7, 6, 3], [2, 3], [1, 3], "valid"),
    depthwise([2, 5, 5, 12], [1, 1], 1, "valid"),
    depthwise([2, 5, 5, 12], [1, 1], 2, "same"),
    depthwise([2, 8, 7, 7], [3, 3], 1, 2),
    depthwise([2, 8, 7, 4], [3, 3], 2, [[0, 0], [0, 2], [1, 3], [0, 0]]),
    depthwise([1, 9, 9, 130], [3, 3], 1, "valid"),
  ]);
});

Deno.test("average pools and their gradients on Wasm equal the CPU's, remainders left out", async () => {
  await useWasm();
  await assertParity([
    averagePooling([2, 8, 6, 3], 2),
    averagePooling([2, 7, 9, 4], 2),
    averagePooling([1, 11, 10, 1], 3),
  ]);
});

Deno.test("average pools that overlap, are padded or oblong are the stock ones on Wasm", async () => {
  await useWasm();
  const pool = (
    size: number | [number, number],
    stride: number | [number, number],
    padding: "valid" | "same",
  ) => ({
    name: `avgPool by ${size}, stride ${stride}, ${padding}`,
    compute: ([x]: tf.Tensor[]) =>
      tf.avgPool(x.as4D(2, 7, 6, 3), size, stride, padding),
    shapes: [[2, 7, 6, 3]],
  });
  await assertParity([
    pool(3, 1, "valid"),
    pool(2, 2, "same"),
    pool([2, 3], [2, 3], "valid"),
  ]);
});

Deno.test("a depthwise convolution's gradients on Wasm are the slopes that differences find", async () => {
  await useWasm();
  await assertGradients(
    (x, filter) =>
      tf.depthwiseConv2d(
        x.as4D(1, 5, 4, 3),
        filter.as4D(3, 3, 3, 1),
        2,
        "same",
      ),
    [[1, 5, 4, 3], [3, 3, 3, 1]],
  );
});

Deno.test("depthwise gradients are the same bits whatever memory held before", async () => {
  await useWasm();
  const run = async () => {
    const x = tf.randomUniform<tf.Rank.R4>([2, 7, 6, 5], -1, 1, "float32", 3);
    const filter = tf.randomUniform<tf.Rank.R4>(
      [3, 3, 5, 1],
      -1,
      1,
      "float32",
      4,
    );
    const gradients = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
      tf.sum(
        tf.square(
          tf.depthwiseConv2d(
            x.as4D(2, 7, 6, 5),
            filter.as4D(3, 3, 5, 1),
            1,
            "valid",
          ),
        ),
      )
    )([x, filter]);
    const read = await Promise.all(gradients.map((each) => each.data()));
    tf.dispose([x, filter, gradients]);
    return read;
  };
  leaveInMemory(0);
  const first = await run();
  leaveInMemory(NaN);
  assertEquals(await run(), first);
});

/** A depthwise convolution of `[1, 7, 7, 2]`, as tfjs's own kernel alone can. */
function unusual(multiplier: number, dilation: number) {
  const filterShape = [3, 3, 2, multiplier];
  return {
    name: `${multiplier} filters a channel, dilated by ${dilation}`,
    compute: ([x, filter]: tf.Tensor[]) =>
      tf.depthwiseConv2d(
        x.as4D(1, 7, 7, 2),
        filter.as4D(3, 3, 2, multiplier),
        1,
        "valid",
        "NHWC",
        dilation,
      ),
    shapes: [[1, 7, 7, 2], filterShape],
    gradients: false,
  };
}

Deno.test("a depthwise convolution with holes, or several filters a channel, is the stock one on Wasm", async () => {
  await useWasm();
  await assertParity([unusual(1, 2), unusual(2, 1)]);
});

Deno.test("the gradient of several filters a channel is refused on Wasm", async () => {
  await useWasm();
  const { compute, shapes } = unusual(2, 1);
  assertThrows(
    () =>
      tf.grads((...inputs: tf.Tensor[]) => tf.sum(compute(inputs)))(
        shapes.map((shape) => tf.ones(shape)),
      ),
    RangeError,
    "with one filter a channel: current value is a filter of [3, 3, 2, 2]",
  );
});

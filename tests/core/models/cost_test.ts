import { assertEquals, assertThrows } from "@std/assert";
import {
  classCount,
  countParameters,
  modelCost,
  weightShapes,
} from "../../../core/models/cost.ts";
import { pairOf } from "../../../core/models/layers/layer.ts";
import type {
  Extent,
  WindowFields,
} from "../../../core/models/layers/layer.ts";
import { poolWindows } from "../../../core/models/layers/pools.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";
import { studentSpec } from "../../../core/models/student.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import * as tf from "../../../core/tf.ts";
import { STRIDED } from "./strided.ts";

Deno.test("modelCost gives the teacher's table, layer by layer", () => {
  const { layers, ...total } = modelCost(teacherSpec());
  assertEquals(
    layers.map(({ layer, output, parameters, multiplyAdds }) => [
      layer.name,
      output.join("×"),
      parameters,
      multiplyAdds,
    ]),
    [
      ["conv1", "26×26×32", 320, 194_688],
      ["conv2", "24×24×64", 18_496, 10_616_832],
      ["pool", "12×12×64", 0, 0],
      ["dropout1", "12×12×64", 0, 0],
      ["flatten", "9216", 0, 0],
      ["dense1", "128", 1_179_776, 1_179_648],
      ["dropout2", "128", 0, 0],
      ["logits", "10", 1_290, 1_280],
      ["softmax", "10", 0, 0],
    ],
  );
  assertEquals(total.parameters, 1_199_882);
  assertEquals(total.bytes, 4_799_528);
  assertEquals(total.multiplyAdds, 11_992_448);
  const floats = 784 + 21_632 + 36_864 + 3 * 9_216 + 2 * 128 + 2 * 10;
  assertEquals(total.activationBytes, 4 * floats);
  // conv2's input and output are the most that two neighbours hold.
  assertEquals(total.peakBytes, 4_799_528 + 4 * (21_632 + 36_864));
});

for (const hidden of [1, 2, 3, 4, 6, 8, 16, 32, 64, 128]) {
  Deno.test(`countParameters gives 18,816 + 9,227·w + 10 for a student of w = ${hidden}`, () => {
    assertEquals(
      countParameters(studentSpec({ hidden })),
      18_816 + 9_227 * hidden + 10,
    );
  });
}

/** Strides, padding and gaps of windows, as tfjs's layers are told of them. */
function windowsOf(
  { stride = 1, padding = "valid", dilation = 1 }: WindowFields & {
    dilation?: Extent;
  },
) {
  if (typeof padding === "object") throw new Error("a frame is a layer there");
  return { strides: pairOf(stride), padding, dilationRate: pairOf(dilation) };
}

/** The same network as stock tfjs layers, built without our code. */
function stockModel({ input, layers }: ModelSpec): tf.Sequential {
  const [first, ...rest] = layers.map((layer: LayerSpec, index) => {
    const inputShape = index === 0 ? [...input] : undefined;
    // Whatever follows the sums changes no shape.
    switch (layer.kind) {
      case "conv2d":
        return tf.layers.conv2d({
          filters: layer.filters,
          ...windowsOf(layer),
          kernelSize: pairOf(layer.size),
          inputShape,
        });
      case "depthwiseConv2d":
        return tf.layers.depthwiseConv2d({
          depthMultiplier: layer.multiplier,
          ...windowsOf(layer),
          kernelSize: pairOf(layer.size),
          inputShape,
        });
      case "maxPool2d":
        return tf.layers.maxPooling2d({
          ...windowsOf(poolWindows(layer)),
          poolSize: pairOf(layer.size),
          inputShape,
        });
      case "averagePool2d":
        return tf.layers.averagePooling2d({
          ...windowsOf(poolWindows(layer)),
          poolSize: pairOf(layer.size),
          inputShape,
        });
      case "globalMaxPool2d":
        return tf.layers.globalMaxPooling2d({});
      case "globalAveragePool2d":
        return tf.layers.globalAveragePooling2d({});
      case "dropout":
        return tf.layers.dropout({ rate: layer.rate });
      case "flatten":
        return tf.layers.flatten();
      case "dense":
        return tf.layers.dense({ units: layer.units });
      case "softmax":
        return tf.layers.softmax();
      case "residual":
        throw new Error("a stock sequential model holds none");
    }
  });
  return tf.sequential({ layers: [first, ...rest] });
}

for (const spec of [teacherSpec(), studentSpec({ hidden: 6 }), STRIDED]) {
  Deno.test(`weightShapes and outputs of ${spec.name} are those of stock tfjs layers`, async () => {
    await tf.setBackend("cpu");
    const stock = stockModel(spec);
    assertEquals(
      weightShapes(spec),
      stock.weights.map(({ shape }) => shape.map(Number)),
    );
    assertEquals(
      modelCost(spec).layers.map(({ output }) => output),
      stock.layers.map((layer) =>
        [layer.outputShape].flat().slice(1).map(Number)
      ),
    );
    assertEquals(countParameters(spec), stock.countParams());
    stock.dispose();
  });
}

Deno.test("modelCost counts what a depthwise convolution reads: one channel an output", () => {
  const [, b, c] = modelCost(STRIDED).layers; // After 15×18 were pooled to 7×9.
  assertEquals([b.output, b.parameters], [[4, 5, 3], 3 * 3 * 2 * 3 + 3]);
  assertEquals(b.multiplyAdds, 4 * 5 * 3 * 3 * 3 * 2);
  assertEquals([c.output, c.parameters], [[4, 5, 3], 2 * 2 * 3 + 3]);
  assertEquals(c.multiplyAdds, 4 * 5 * 3 * 2 * 2);
});

Deno.test("modelCost follows the dataset's image size and classes", () => {
  const spec = teacherSpec({ input: [32, 32, 3], classes: 100 });
  assertEquals(classCount(spec), 100);
  assertEquals(modelCost(spec).layers[0].parameters, (9 * 3 + 1) * 32);
});

const flatten: LayerSpec = { kind: "flatten", name: "flatten" };
const softmax: LayerSpec = { kind: "softmax", name: "softmax" };
const conv: LayerSpec = {
  kind: "conv2d",
  name: "conv",
  filters: 1,
  size: 3,
  activation: "relu",
};
const dense: LayerSpec = {
  kind: "dense",
  name: "dense",
  units: 2,
  activation: "linear",
};
const depthwise: LayerSpec = {
  kind: "depthwiseConv2d",
  name: "depthwise",
  size: 3,
  activation: "relu",
};
const REFUSED: [string, LayerSpec[], string][] = [
  [
    "images too small for a convolution",
    [{ ...conv, size: 5 }, flatten, dense, softmax],
    "at least 1×1: its input is 4×4×1",
  ],
  [
    "images too small for a pool",
    [{ kind: "maxPool2d", name: "pool", size: 5 }, flatten, dense, softmax],
    "at least 1×1",
  ],
  [
    "a convolution of a flattened row",
    [flatten, conv, dense, softmax],
    "conv must read an image: its input is 16",
  ],
  [
    "a depthwise convolution of a flattened row",
    [flatten, depthwise, dense, softmax],
    "depthwise must read an image: its input is 16",
  ],
  [
    "an average over what is no image",
    [flatten, { kind: "globalAveragePool2d", name: "mean" }, dense, softmax],
    "mean must read an image",
  ],
  [
    "a stride that leaves no window",
    [{ ...conv, size: 5, stride: 2 }, flatten, dense, softmax],
    "at least 1×1",
  ],
  [
    "a dense layer on an image",
    [conv, dense, softmax],
    "dense must read a flattened row: its input is 2×2×1",
  ],
];

for (const [what, layers, message] of REFUSED) {
  Deno.test(`modelCost refuses ${what}`, () => {
    assertThrows(
      () => modelCost({ name: "tiny", input: [4, 4, 1], layers }),
      RangeError,
      message,
    );
  });
}

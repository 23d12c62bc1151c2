import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { buildModel } from "../../../core/models/build_model.ts";
import { COMPACT_FAMILIES, compactSpec } from "../../../core/models/compact.ts";
import { forward } from "../../../core/models/forward.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { pairOf } from "../../../core/models/layers/layer.ts";
import type {
  ActivationFields,
  Extent,
  LayerSpec,
  WindowFields,
} from "../../../core/models/layers/layer.ts";
import { poolWindows } from "../../../core/models/layers/pools.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { drawCounterKey } from "../../../core/random/counter.ts";
import { fillDropoutMask } from "../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";
import { LEAKY } from "./leaky.ts";
import { STRIDED } from "./strided.ts";

const SPEC: ModelSpec = {
  name: "tiny",
  input: [7, 6, 2],
  layers: [
    { kind: "conv2d", name: "conv", filters: 3, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "hidden", units: 4, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** A model of each compact family. */
const FAMILIES = COMPACT_FAMILIES.map((family) =>
  compactSpec({ family, channels: [3, 4, 5] })
);

/** Initial weights, biases made non-zero so that they count. */
function weights(): tf.Tensor[] {
  return initialWeights(SPEC, 1).map(({ shape, values }) =>
    tf.tensor(shape.length > 1 ? values : values.fill(0.1), shape)
  );
}

function images(count: number): tf.Tensor {
  const random = randomStream(2);
  const size = count * 7 * 6 * 2;
  const pixels = Float32Array.from({ length: size }, () => random.uniform());
  return tf.tensor(pixels, [count, 7, 6, 2]);
}

Deno.test("forward gives the logits of stock tfjs layers with the same weights", async () => {
  await tf.setBackend("cpu");
  const stock = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 3,
        kernelSize: 3,
        activation: "relu",
        inputShape: [7, 6, 2],
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "relu" }),
      tf.layers.dense({ units: 3 }),
    ],
  });
  stock.setWeights(weights());
  const x = images(5);
  const [expected] = [stock.predict(x)].flat();
  const logits = forward(SPEC.layers, weights(), x);
  assertEquals(logits.shape, [5, 3]);
  const [ours, theirs] = [await logits.data(), await expected.data()];
  ours.forEach((value, i) => assertAlmostEquals(value, theirs[i], 1e-5));
});

Deno.test("forward draws dropout by seed and step, and none without a source", async () => {
  await tf.setBackend("cpu");
  const run = async (dropout?: { seed: number; step: number }) => [
    ...await forward(SPEC.layers, weights(), images(2), dropout).data(),
  ];
  const first = await run({ seed: 1, step: 0 });
  assertEquals(await run({ seed: 1, step: 0 }), first);
  const others = [
    await run({ seed: 1, step: 1 }),
    await run({ seed: 2, step: 0 }),
    await run(),
  ];
  for (const other of others) assert(other.join() !== first.join());
});

Deno.test("forward's dropout keeps the mean of what it passes on", async () => {
  await tf.setBackend("cpu");
  const layers: LayerSpec[] = [{ kind: "dropout", name: "dropout", rate: 0.2 }];
  const x = tf.ones([100, 100]);
  const y = forward(layers, [], x, { seed: 1, step: 0 });
  const [mean] = await tf.mean(y).data();
  // Five standard errors of 10,000 draws of variance 0.25.
  assertAlmostEquals(mean, 1, 5 * Math.sqrt(0.25 / 10_000));
});

Deno.test("a batch fed in parts meets the masks of the whole", async () => {
  await tf.setBackend("cpu");
  const run = async (first: number, count: number) => {
    const x = tf.slice(images(5), [first, 0, 0, 0], [count, 7, 6, 2]);
    const dropout = { seed: 1, step: 3, firstRow: first };
    return [...await forward(SPEC.layers, weights(), x, dropout).data()];
  };
  const parts = [await run(0, 1), await run(1, 2), await run(3, 2)];
  assertEquals(parts.flat(), await run(0, 5));
});

Deno.test("forward makes no gradient by the images that it is fed", async () => {
  await tf.setBackend("cpu");
  const x = images(2);
  const { kernelNames } = await tf.profile(() =>
    tf.grads((...current: tf.Tensor[]) =>
      tf.sum(forward(SPEC.layers, current, x, { seed: 1, step: 0 }))
    )(weights())
  );
  assert(kernelNames.includes("Conv2DBackpropFilter"));
  assert(!kernelNames.includes("Conv2DBackpropInput"));
});

for (const spec of [STRIDED, LEAKY, ...FAMILIES]) {
  Deno.test(`forward gives what a tfjs model of ${spec.name} gives before its softmax`, async () => {
    await tf.setBackend("cpu");
    const given = initialWeights(spec, 4).map(({ shape, values }) => ({
      shape,
      values: shape.length > 1 ? values : values.fill(0.1),
    }));
    const random = randomStream(6);
    const shape = [3, ...spec.input];
    const size = tf.util.sizeFromShape(shape);
    const x = tf.tensor(
      Float32Array.from({ length: size }, () => random.uniform()),
      shape,
    );
    const model = buildModel(spec, given);
    const [expected] = [model.predict(x)].flat();
    const tensors = given.map(({ shape, values }) => tf.tensor(values, shape));
    const own = await tf.softmax(forward(spec.layers, tensors, x)).data();
    const theirs = await expected.data();
    own.forEach((value, i) => assertAlmostEquals(value, theirs[i], 1e-5));
    model.dispose();
  });
}

/** Layers in which bias, relu, pooling and dropout follow in every way. */
const CHAINS: LayerSpec[][] = [
  [
    { kind: "conv2d", name: "a", filters: 3, size: 2, activation: "relu" },
    { kind: "dropout", name: "b", rate: 0.5 },
    { kind: "conv2d", name: "c", filters: 2, size: 2, activation: "linear" },
    { kind: "maxPool2d", name: "d", size: 2 },
    { kind: "dropout", name: "e", rate: 0.25 },
    { kind: "flatten", name: "f" },
  ],
  [
    { kind: "conv2d", name: "a", filters: 3, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "b", size: 2 },
    { kind: "maxPool2d", name: "c", size: 2 },
    { kind: "flatten", name: "d" },
    { kind: "dense", name: "e", units: 4, activation: "relu" },
    { kind: "dropout", name: "f", rate: 0.5 },
    { kind: "dropout", name: "g", rate: 0.5 },
    { kind: "dense", name: "h", units: 3, activation: "linear" },
    { kind: "dropout", name: "i", rate: 0 },
  ],
  [
    { kind: "averagePool2d", name: "a", size: 2 },
    { kind: "conv2d", name: "b", filters: 3, size: 2, activation: "relu" },
    {
      kind: "conv2d",
      name: "c",
      filters: 4,
      size: 3,
      activation: "relu",
      stride: 2,
      padding: "same",
    },
    { kind: "dropout", name: "d", rate: 0.5 },
    { kind: "globalAveragePool2d", name: "e" },
  ],
  [
    {
      kind: "depthwiseConv2d",
      name: "a",
      size: 3,
      activation: "linear",
      padding: "same",
    },
    { kind: "conv2d", name: "b", filters: 4, size: 1, activation: "relu" },
    { kind: "depthwiseConv2d", name: "c", size: 2, activation: "relu" },
    { kind: "maxPool2d", name: "d", size: 2 },
    { kind: "dropout", name: "e", rate: 0.25 },
    { kind: "globalAveragePool2d", name: "f" },
    { kind: "dense", name: "g", units: 3, activation: "linear" },
  ],
  [
    { kind: "conv2d", name: "a", filters: 3, size: 2, activation: "relu" },
    {
      kind: "residual",
      name: "b",
      layers: [
        {
          kind: "conv2d",
          name: "c",
          filters: 5,
          size: 3,
          activation: "relu",
          padding: "same",
        },
        { kind: "dropout", name: "d", rate: 0.25 },
        {
          kind: "conv2d",
          name: "e",
          filters: 3,
          size: 3,
          activation: "linear",
          padding: "same",
        },
      ],
      activation: "relu",
    },
    { kind: "maxPool2d", name: "f", size: 2 },
    { kind: "flatten", name: "g" },
    {
      kind: "residual",
      name: "h",
      layers: [
        { kind: "dropout", name: "i", rate: 0.5 },
        {
          kind: "residual",
          name: "j",
          layers: [{
            kind: "dense",
            name: "k",
            units: 18,
            activation: "relu",
          }],
          activation: "linear",
        },
      ],
      activation: "relu",
    },
    { kind: "dropout", name: "l", rate: 0.5 },
    { kind: "dense", name: "m", units: 3, activation: "linear" },
  ],
  LEAKY.layers.slice(0, -1),
];

/** The same, each layer by tfjs's own operations. */
function unfused(
  layers: readonly LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
  source: { seed: number; step: number },
): tf.Tensor {
  return feed(layers, [...weights], x, source, []);
}

/** By the definitions, where tfjs's own operations are what is tested. */
function activate(
  x: tf.Tensor,
  { activation, slope = 0.125 }: ActivationFields,
): tf.Tensor {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return tf.relu(x);
    case "leakyRelu":
      return tf.maximum(x, tf.mul(x, slope));
    case "relu6":
      return tf.minimum(tf.maximum(x, 0), 6);
    case "elu":
      return tf.add(tf.relu(x), tf.sub(tf.exp(tf.minimum(x, 0)), 1));
    case "sigmoid":
      return tf.div(1, tf.add(1, tf.exp(tf.neg(x))));
    case "tanh": {
      const squared = tf.exp(tf.mul(x, 2));
      return tf.div(tf.sub(squared, 1), tf.add(squared, 1));
    }
    case "swish":
      return tf.div(x, tf.add(1, tf.exp(tf.neg(x))));
    case "round":
      throw new TypeError("integers have tests of their own");
    default:
      return activation satisfies never;
  }
}

/** What windows are to tfjs's own operations. */
function windowsOf(
  { size, stride = 1, padding = "valid", dilation = 1 }: WindowFields & {
    dilation?: Extent;
  },
) {
  const frame = (
    [top, bottom, left, right]: readonly [number, number, number, number],
  ): tf.backend_util.ExplicitPadding => [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return {
    size: pairOf(size),
    stride: pairOf(stride),
    pad: typeof padding === "object" ? frame(padding) : padding,
    dilation: pairOf(dilation),
  };
}

function four(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return x.as4D(a, b, c, d);
}

/** The weighted sums of `layer`. */
function weigh(
  layer: LayerSpec<"conv2d" | "depthwiseConv2d" | "dense">,
  x: tf.Tensor,
  kernel: tf.Tensor,
): tf.Tensor {
  if (layer.kind === "dense") return tf.matMul(x, kernel);
  const { stride, pad, dilation } = windowsOf(layer);
  const convolve = layer.kind === "conv2d" ? tf.conv2d : tf.depthwiseConv2d;
  return convolve(four(x), four(kernel), stride, pad, "NHWC", dilation);
}

/** Takes what `layers` weigh from `rest`. */
function feed(
  layers: readonly LayerSpec[],
  rest: tf.Tensor[],
  x: tf.Tensor,
  source: { seed: number; step: number },
  place: number[],
): tf.Tensor {
  for (const [index, layer] of layers.entries()) {
    if (layer.kind === "residual") {
      x = tf.add(x, feed(layer.layers, rest, x, source, [...place, index]));
      x = activate(x, layer);
    } else if (
      layer.kind === "conv2d" || layer.kind === "depthwiseConv2d" ||
      layer.kind === "dense"
    ) {
      const [kernel, bias] = rest.splice(0, 2);
      x = activate(tf.add(weigh(layer, x, kernel), bias), layer);
    } else if (layer.kind === "maxPool2d" || layer.kind === "averagePool2d") {
      const { size, stride, pad } = windowsOf(poolWindows(layer));
      const pool = layer.kind === "maxPool2d" ? tf.maxPool : tf.avgPool;
      x = pool(four(x), size, stride, pad);
    } else if (layer.kind === "globalMaxPool2d") {
      x = tf.max(x, [1, 2]);
    } else if (layer.kind === "globalAveragePool2d") {
      x = tf.mean(x, [1, 2]);
    } else if (layer.kind === "flatten") {
      x = tf.reshape(x, [x.shape[0], -1]);
    } else if (layer.kind === "dropout") {
      const { seed, step } = source;
      const key = drawCounterKey(
        randomStream(seed, "dropout", ...place, index, step),
      );
      const mask = new Float32Array(x.size);
      fillDropoutMask(mask, layer.rate, key, 0);
      x = tf.mul(x, tf.tensor(mask, x.shape));
    }
  }
  return x;
}

CHAINS.forEach((layers, chain) => {
  Deno.test(`forward equals its layers one after another, gradients too: chain ${chain}`, async () => {
    await tf.setBackend("cpu");
    const spec: ModelSpec = {
      name: "chain",
      input: [7, 6, 2],
      layers: [...layers, { kind: "softmax", name: "softmax" }],
    };
    const given = initialWeights(spec, 3).map(({ shape, values }) =>
      tf.tensor(shape.length > 1 ? values : values.fill(0.1), shape)
    );
    const source = { seed: 1, step: 2 };
    const results = (compute: typeof unfused) => {
      const { value, grads } = tf.valueAndGrads((...current: tf.Tensor[]) => {
        const y = compute(spec.layers, current, images(3), source);
        return tf.sum(tf.square(y));
      })(given);
      return Promise.all([value, ...grads].map((each) => each.data()));
    };
    const wanted = await results(unfused);
    (await results(forward)).forEach((values, index) =>
      values.forEach((value, i) =>
        assertAlmostEquals(value, wanted[index][i], 1e-5)
      )
    );
  });
});

Deno.test("forward leaves its weights and input alive and leaks nothing in a tidy", async () => {
  await tf.setBackend("cpu");
  const given = [...weights(), images(2)];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    forward(SPEC.layers, given.slice(0, -1), given[6], { seed: 1, step: 0 });
  });
  assertEquals(tf.memory().numTensors, before);
  assert(given.every((tensor) => !tensor.isDisposed));
});

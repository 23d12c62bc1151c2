import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { isRecord } from "../../../../core/files/json.ts";
import { buildModel } from "../../../../core/models/build_model.ts";
import { followChannels } from "../../../../core/models/channel_flow.ts";
import { modelCost, weightShapes } from "../../../../core/models/cost.ts";
import { formatLayers } from "../../../../core/models/format_layers.ts";
import { forward } from "../../../../core/models/forward.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { readTopology } from "../formats/read_topology.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import type { LayerSpec, ModelSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { MANIFEST } from "../tiny_folder.ts";

/** Residual layers on images and rows, one within another, with and without a relu. */
const TEXT = "conv3x4,res(conv3x6:same,drop0.25,conv3x4:same:linear),max2," +
  "res(depth3:same,res(conv1x4)):linear,dense5,res(dense5:linear):linear";
const SPEC = parseLayers(TEXT, { input: [12, 11, 2], classes: 3 });

function weightsOf(spec: ModelSpec) {
  return initialWeights(spec, 7).map(({ shape, values }) => ({
    shape,
    // Biases that count.
    values: shape.length > 1 ? values : values.map((_, i) => 0.1 - 0.07 * i),
  }));
}

function drawImages(spec: ModelSpec, count: number): tf.Tensor {
  const random = randomStream(3, "residual");
  const shape = [count, ...spec.input];
  const size = shape.reduce((a, b) => a * b);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.uniform()),
    shape,
  );
}

/** The layers that `layer` holds. */
function heldBy(layer: LayerSpec): LayerSpec[] {
  if (layer.kind === "residual") return layer.layers;
  throw new Error(`${layer.name} holds none`);
}

Deno.test("the text of residual layers is read and written, and names in it differ", () => {
  assertEquals(formatLayers(SPEC), TEXT);
  assertEquals(
    heldBy(SPEC.layers[1]).map(({ name }) => name),
    ["conv2", "drop1", "conv3"],
  );
  const [residuals] = [SPEC.layers.filter(({ kind }) => kind === "residual")];
  assertEquals(residuals.map(({ name }) => name), ["res1", "res2", "res4"]);
});

Deno.test("a residual layer costs what its layers do, and the memory of what waits to be added", () => {
  const { layers, parameters, peakBytes, multiplyAdds } = modelCost(
    parseLayers("res(conv3x8:same,conv3x2:same)", {
      input: [5, 5, 2],
      classes: 2,
    }),
  );
  assertEquals(
    layers.map(({ layer }) => layer.name),
    ["conv1", "conv2", "res1", "flatten1", "logits", "softmax"],
  );
  const [first, second, sum] = layers;
  assertEquals([first.input, second.input, sum.input], [
    [5, 5, 2],
    [5, 5, 8],
    [5, 5, 2],
  ]);
  const own = 9 * 2 * 8 + 8 + 9 * 8 * 2 + 2;
  assertEquals(parameters, own + 50 * 2 + 2);
  assertEquals(multiplyAdds, 25 * 8 * 18 + 25 * 2 * 72 + 100);
  // 50 numbers wait while 50 become 200, or 200 become 50.
  assertEquals(peakBytes, 4 * (parameters + 300));
});

for (
  const [text, rule] of [
    ["res(conv3x4:same)", "hold layers that give what they read, not 9×9×4"],
    ["res(conv3x1)", "hold layers that give what they read, not 7×7×1"],
    ["res(drop0.5)", "must hold one or more layers, not dropout alone"],
    ["res(mean)", "hold layers that give what they read, not 1"],
    ["res()", "nothing between commas"],
    ["res(conv3x1:same", 'found "res(conv3x1:same"'],
    ["conv3x1:same)", 'found "conv3x1:same)"'],
    ["res(conv3x1:same):same", 'found "res(conv3x1:same):same"'],
  ] as const
) {
  Deno.test(`parseLayers refuses ${text}`, () => {
    const error = assertThrows(
      () => parseLayers(text, { input: [9, 9, 1], classes: 2 }),
      Error,
    );
    assert(["RangeError", "SyntaxError"].includes(error.name));
    assert(error.message.includes(rule), error.message);
  });
}

Deno.test("a spec is costed once, and is frozen then, within residual layers too", () => {
  const spec = parseLayers("res(conv3x1:same)");
  assert(modelCost(spec) === modelCost(spec));
  const layers = heldBy(spec.layers[0]);
  const [held] = layers;
  assertThrows(() => held.name = "other", TypeError);
  assertThrows(() => layers.pop(), TypeError);
  assertThrows(() => spec.layers.push(held), TypeError);
});

Deno.test("tfjs's own layers give the logits of residual ones, saved and loaded too", async () => {
  await tf.setBackend("cpu");
  const weights = weightsOf(SPEC);
  const x = drawImages(SPEC, 3);
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const own = await forward(SPEC.layers, tensors, x).data();
  const model = buildModel(SPEC, weights);
  const { output } = model.getLayer("logits");
  const stock = tf.model({ inputs: model.inputs, outputs: output });
  const [found] = [stock.predict(x)].flat();
  (await found.data()).forEach((value, i) =>
    assertAlmostEquals(value, own[i], 1e-5)
  );
  const folder = await Deno.makeTempDir();
  await saveModel(folder, weights, { ...MANIFEST, spec: SPEC });
  const loaded = await loadModel(folder);
  assertEquals(loaded.spec, SPEC);
  assertEquals(loaded.weights, weights);
  await Deno.remove(folder, { recursive: true });
  model.dispose();
});

function asRecord(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new Error("It is no object");
}

/** The topology of {@linkcode SPEC} as tfjs writes it. */
function savedTopology(): Record<string, unknown> {
  const model = buildModel(SPEC, weightsOf(SPEC));
  const topology: unknown = model.toJSON(null, false);
  model.dispose();
  return asRecord(structuredClone(topology));
}

type Entry = {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown[];
};

/** {@linkcode savedTopology} and its layers, to be changed. */
function openTopology() {
  const topology = savedTopology();
  const config = asRecord(topology.config);
  const layers: Entry[] = Array.isArray(config.layers) ? config.layers : [];
  const layer = (name: string) => {
    const found = layers.find((each) => each.name === name);
    if (found) return found;
    throw new Error(`There is no ${name}`);
  };
  return { topology, config, layers, layer };
}

Deno.test("a graph is read as Keras 3 writes it", async () => {
  await tf.setBackend("cpu");
  const { topology, config, layers } = openTopology();
  topology.class_name = "Functional";
  for (const each of layers) {
    const [reads = []] = each.inbound_nodes;
    if (!Array.isArray(reads) || reads.length === 0) continue;
    const tensors = reads.map(([name, node, output]) => ({
      class_name: "__keras_tensor__",
      config: {
        shape: null,
        dtype: "float32",
        keras_history: [name, node, output],
      },
    }));
    const args = tensors.length > 1 ? [tensors] : tensors;
    each.inbound_nodes = [{ args, kwargs: {} }];
  }
  config.input_layers = ["input1", 0, 0];
  config.output_layers = ["softmax", 0, 0];
  assertEquals(readTopology(topology, weightsOf(SPEC)), SPEC);
});

Deno.test("a relu behind a sum is the residual layer's, as an Activation or as a ReLU", async () => {
  await tf.setBackend("cpu");
  const { topology, layer } = openTopology();
  const relu = layer("res1_relu");
  assertEquals(relu.class_name, "Activation");
  relu.class_name = "ReLU";
  relu.config = {
    name: "res1_relu",
    max_value: null,
    negative_slope: 0,
    threshold: 0,
  };
  assertEquals(readTopology(topology, weightsOf(SPEC)), SPEC);
  relu.config.max_value = 7;
  assertThrows(
    () => readTopology(topology, weightsOf(SPEC)),
    SyntaxError,
    "a relu must end at 6 or nowhere",
  );
});

/** Graphs that are no row of layers with sums, and what is said of them. */
const OTHERS: Record<
  string,
  [(open: ReturnType<typeof openTopology>) => unknown, string]
> = {
  "a sum of three": [
    ({ layer }) => {
      const sum = layer("res1");
      const reads = [sum.inbound_nodes[0]].flat();
      sum.inbound_nodes = [[...reads, reads[0]]];
    },
    "by one and a sum of two",
  ],
  "a sum across another": [
    ({ layer }) =>
      layer("res2").inbound_nodes = [[["conv1", 0, 0, {}], ["res3", 0, 0, {}]]],
    "conv1 makes must be read by one layer",
  ],
  "a product in place of a sum": [
    ({ layer }) => layer("res1").class_name = "Multiply",
    "conv1 makes must be read by one layer",
  ],
  "a layer that stands in two places": [
    ({ layer }) => {
      const conv = layer("conv2");
      conv.inbound_nodes.push(conv.inbound_nodes[0]);
    },
    "stand in one place",
  ],
  "a layer of which nothing is read": [
    ({ layers, layer }) =>
      layers.push({
        ...layer("conv2"),
        name: "stray",
        config: { ...layer("conv2").config, name: "stray" },
        inbound_nodes: [],
      }),
    "stray is beside it",
  ],
  "a layer that isn't there": [
    ({ layer }) => layer("conv2").inbound_nodes = [[["nobody", 0, 0, {}]]],
    "there is no nobody",
  ],
  "two outputs": [
    ({ config }) =>
      config.output_layers = [["softmax", 0, 0], ["logits", 0, 0]],
    "must have one output",
  ],
  "an output within": [
    ({ config }) => config.output_layers = [["logits", 0, 0]],
    "one row from input1 to logits",
  ],
  "a second input": [
    ({ config }) => config.input_layers = [["input1", 0, 0], ["conv1", 0, 0]],
    "must have one input",
  ],
  "a convolution of two things": [
    ({ layer }) =>
      layer("logits").inbound_nodes = [[["res4", 0, 0, {}], [
        "input1",
        0,
        0,
        {},
      ]]],
    "input1 makes must be read by one layer",
  ],
};

for (const [what, [change, message]] of Object.entries(OTHERS)) {
  Deno.test(`parseTopology refuses ${what}`, async () => {
    await tf.setBackend("cpu");
    const open = openTopology();
    change(open);
    assertThrows(
      () => readTopology(open.topology, weightsOf(SPEC)),
      SyntaxError,
      message,
    );
  });
}

Deno.test("channels that are added are one with those that they are added to", () => {
  const gives = (text: string) =>
    Object.fromEntries(
      followChannels(parseLayers(text, { input: [8, 8, 2], classes: 3 }))
        .map(({ layer, gives }) => [layer.name, gives]),
    );
  const nested = gives("conv3x4,res(conv3x8:same,res(conv1x8),conv1x4),dense5");
  assertEquals(nested, {
    conv1: "conv1",
    conv2: "conv2",
    conv3: "conv2",
    res2: "conv2",
    conv4: "conv1",
    res1: "conv1",
    flatten1: "conv1",
    dense1: "dense1",
    logits: undefined,
    softmax: undefined,
  });
  // The images' channels stay, and those that a flattened image is added to.
  assertEquals(gives("res(conv1x2),mean").conv1, undefined);
  const spread = gives("conv3x2,res(dense72),dense4,res(dense4)");
  assertEquals(
    [spread.conv1, spread.dense1, spread.dense2, spread.dense3],
    [undefined, undefined, "dense2", "dense2"],
  );
  assertEquals(weightShapes(parseLayers("res(conv1x1)")).length, 4);
});

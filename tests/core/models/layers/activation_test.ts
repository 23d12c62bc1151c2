import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { buildModel } from "../../../../core/models/build_model.ts";
import { formatLayers } from "../../../../core/models/format_layers.ts";
import { forward } from "../../../../core/models/forward.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { parseTopology } from "../../../../core/models/parse_topology.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { LEAKY } from "../leaky.ts";
import { MANIFEST } from "../tiny_folder.ts";

/** A row without sums, which tfjs saves as a sequential model. */
const ROW = parseLayers("conv3x4/2:same:leaky,depth3:leaky,mean,dense5:leaky", {
  input: [9, 8, 2],
  classes: 3,
});

function weightsOf(spec: ModelSpec) {
  return initialWeights(spec, 7).map(({ shape, values }) => ({
    shape,
    // Biases that count, and make sums of either sign.
    values: shape.length > 1 ? values : values.map((_, i) => 0.1 - 0.07 * i),
  }));
}

Deno.test("what falls below 0 keeps an eighth, and what rises grows as before", async () => {
  await tf.setBackend("cpu");
  const layers = [{
    kind: "dense",
    name: "a",
    units: 1,
    activation: "leakyRelu",
  }] as const;
  const weights = [tf.tensor([1], [1, 1]), tf.tensor([0], [1])];
  const x = tf.tensor([-8, -1, 0, 3], [4, 1]);
  const y = forward(layers, weights, x);
  assertEquals([...await y.data()], [-1, -0.125, 0, 3]);
});

for (const spec of [ROW, LEAKY]) {
  Deno.test(`tfjs's own layers give the logits of ${spec.name}, saved and loaded too`, async () => {
    await tf.setBackend("cpu");
    const weights = weightsOf(spec);
    const random = randomStream(3, "leaky");
    const shape = [3, ...spec.input];
    const x = tf.tensor(
      Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => random.uniform(),
      ),
      shape,
    );
    const tensors = weights.map(({ shape, values }) =>
      tf.tensor(values, shape)
    );
    const own = await forward(spec.layers, tensors, x).data();
    const model = buildModel(spec, weights);
    const { output } = model.getLayer("logits");
    const stock = tf.model({ inputs: model.inputs, outputs: output });
    const [found] = [stock.predict(x)].flat();
    (await found.data()).forEach((value, i) =>
      assertAlmostEquals(value, own[i], 1e-5)
    );
    const folder = await Deno.makeTempDir();
    await saveModel(folder, weights, { ...MANIFEST, spec });
    const loaded = await loadModel(folder);
    assertEquals(loaded.spec, spec);
    assertEquals(loaded.weights, weights);
    await Deno.remove(folder, { recursive: true });
    model.dispose();
  });
}

Deno.test("the text of leaky relus is read and written, within residual layers too", () => {
  const text =
    "conv3x4:same:leaky,res(depth3:same:leaky,conv1x4:linear):leaky,dense6:leaky";
  assertEquals(formatLayers(parseLayers(text)), text);
});

interface Saved {
  class_name: string;
  config: Record<string, unknown>;
}

/** The topology of `ROW` as tfjs writes it, its layers by name, to be changed. */
function openTopology() {
  const model = buildModel(ROW, weightsOf(ROW));
  const topology: { config: { layers: Saved[] } } = JSON.parse(
    JSON.stringify(model.toJSON(null, false)),
  );
  model.dispose();
  const { layers } = topology.config;
  const layer = (name: string) => {
    const found = layers.find(({ config }) => config.name === name);
    if (found) return found;
    throw new Error(`There is no ${name}`);
  };
  return { topology, layers, layer };
}

type Open = ReturnType<typeof openTopology>;

const READ: Record<string, (open: Open) => unknown> = {
  "as tfjs and Keras 2 write it": ({ layer }) =>
    assertEquals(layer("conv1_leakyRelu").config.alpha, 0.125),
  "as Keras 3 writes it": ({ layer }) => {
    const { config } = layer("conv1_leakyRelu");
    delete config.alpha;
    config.negative_slope = 0.125;
  },
};

for (const [what, change] of Object.entries(READ)) {
  Deno.test(`a LeakyReLU is read ${what}`, async () => {
    await tf.setBackend("cpu");
    const open = openTopology();
    change(open);
    assertEquals(parseTopology(open.topology, "it"), ROW);
  });
}

const REFUSED: Record<string, [(open: Open) => unknown, string]> = {
  "of another slope": [
    ({ layer }) => layer("conv1_leakyRelu").config.alpha = 0.2,
    "layer conv1_leakyRelu: a leaky relu's slope must be 0.125: found 0.2; build the model otherwise",
  ],
  "of Keras' default slope": [
    ({ layer }) => delete layer("conv1_leakyRelu").config.alpha,
    "slope must be 0.125: found 0.3",
  ],
  "of two slopes": [
    ({ layer }) => {
      const { config } = layer("conv1_leakyRelu");
      Object.assign(config, { alpha: 0.5, negative_slope: 0.125 });
    },
    "slope must be 0.125: found 0.5",
  ],
  "that says more": [
    ({ layer }) => layer("conv1_leakyRelu").config.max_value = 6,
    "may say no more than alpha, negative_slope of what it computes: found max_value",
  ],
  "behind a relu": [
    ({ layer }) => layer("conv1").config.activation = "relu",
    'must follow weighted sums or a sum of layers, with no activation between: found "conv2d"',
  ],
  "behind a mean": [
    ({ layers, layer }) =>
      layers.splice(
        layers.indexOf(layer("mean1")) + 1,
        0,
        { class_name: "LeakyReLU", config: { name: "x", alpha: 0.125 } },
      ),
    'found "globalAveragePool2d"',
  ],
  "first of all": [
    ({ layers, layer }) =>
      layers.splice(
        layers.indexOf(layer("conv1")),
        0,
        { class_name: "LeakyReLU", config: { name: "x", alpha: 0.125 } },
      ),
    "found null",
  ],
  "as Keras 3's word, whose slope is 0.2": [
    ({ layer }) => layer("conv1").config.activation = "leaky_relu",
    'an activation must be relu or linear or leakyRelu as a layer of its own: found "leaky_relu"',
  ],
};

for (const [what, [change, message]] of Object.entries(REFUSED)) {
  Deno.test(`a LeakyReLU ${what} is refused`, async () => {
    await tf.setBackend("cpu");
    const open = openTopology();
    change(open);
    assertThrows(
      () => parseTopology(open.topology, "it"),
      SyntaxError,
      message,
    );
  });
}

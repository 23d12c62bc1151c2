import { assertEquals, assertThrows } from "@std/assert";
import { readTopology } from "./read_topology.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import type {
  LayerStep,
  RowStep,
} from "../../../../core/models/formats/row.ts";
import { lowerRow } from "../../../../core/models/formats/lower_row.ts";
import { parseTopology } from "../../../../core/models/formats/layers_model/parse_topology.ts";
import type { SavedRow } from "../../../../core/models/formats/layers_model/saved_layer.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import { STRIDED } from "../strided.ts";
import { makeFolder, MANIFEST, SPEC, WEIGHTS } from "../tiny_folder.ts";

await using made = await makeFolder();
const { modelTopology } = JSON.parse(
  await Deno.readTextFile(`${made.folder}/model.json`),
);

/** One saved layer, as far as these tests change it. */
interface Layer {
  class_name: string;
  config: Record<string, unknown>;
}

/** The topology after `change` of its layer called `name`. */
function withLayer(name: string, change: Record<string, unknown>): unknown {
  const copy = structuredClone(modelTopology);
  const layers: Layer[] = copy.config.layers;
  const layer = layers.find(({ config }) => config.name === name);
  if (!layer) throw new Error(`There is no layer ${name}`);
  Object.assign(layer.config, change);
  return copy;
}

/** The topology with the layer called `name` of another class. */
function withClass(name: string, className: string): unknown {
  const copy = structuredClone(modelTopology);
  const layers: Layer[] = copy.config.layers;
  for (const layer of layers) {
    if (layer.config.name === name) layer.class_name = className;
  }
  return copy;
}

Deno.test("parseTopology reads what tfjs saves, and what Keras wraps in model_config", () => {
  assertEquals(readTopology(modelTopology, WEIGHTS), SPEC);
  const keras = { keras_version: "2", model_config: modelTopology };
  assertEquals(readTopology(keras, WEIGHTS), SPEC);
});

Deno.test("parseTopology reads strides, padding, depthwise convolutions and averages", async () => {
  await using made = await makeFolder();
  const weights = initialWeights(STRIDED, 1);
  await saveModel(made.folder, weights, { ...MANIFEST, spec: STRIDED });
  const { spec, weights: loaded } = await loadModel(made.folder);
  assertEquals(spec, STRIDED);
  assertEquals(loaded, weights);
});

const REFUSED: [string, unknown, string][] = [
  [
    "padding that is neither",
    withLayer("conv", { padding: "causal" }),
    'padding must be valid or same: found "causal"',
  ],
  [
    "channels first",
    withLayer("conv", { data_format: "channels_first" }),
    "channels-last",
  ],
  [
    "a kernel of three extents",
    withLayer("conv", { kernel_size: [3, 3, 9] }),
    "a kernel must be one number or two: found [3,3,9]",
  ],
  [
    "another activation",
    withLayer("hidden", { activation: "softplus" }),
    'or softmax at the end: found "softplus"',
  ],
  ["units as text", withLayer("hidden", { units: "4" }), "units must be a num"],
  ["a rate of none", withLayer("dropout", { rate: null }), "rate must be a nu"],
  ["an LSTM", withClass("hidden", "LSTM"), "found LSTM"],
  ["one-dimensional pools", withClass("pool", "MaxPooling1D"), "found MaxPool"],
  [
    "a graph that doesn't say where it begins",
    { ...modelTopology, class_name: "Model" },
    "must have one input: found nothing",
  ],
  ["nothing", undefined, "must be a Sequential or a Functional model"],
  ["a list", [modelTopology], "must be a Sequential or a Functional model"],
  ["no layers", { class_name: "Sequential", config: {} }, "must list layers"],
  [
    "layers that are none",
    { class_name: "Sequential", config: { layers: [null] } },
    "each layer must have a configuration",
  ],
  [
    "no input",
    { class_name: "Sequential", config: { layers: [] } },
    "must declare the input",
  ],
];

for (const [what, topology, message] of REFUSED) {
  Deno.test(`parseTopology refuses ${what}`, () => {
    assertThrows(() => readTopology(topology, WEIGHTS), SyntaxError, message);
    assertThrows(
      () => readTopology(topology, WEIGHTS),
      Error,
      "Cannot load it:",
    );
  });
}

/** The topology of an input of `extents`. */
function withInput(extents: unknown): unknown {
  const copy = structuredClone(modelTopology);
  for (const { config } of copy.config.layers) {
    if ("batch_input_shape" in config) config.batch_input_shape = extents;
  }
  return copy;
}

for (
  const extents of [[null, 1, 2, 3, 4], 7, [null, "7", 6, 1], [
    null,
    null,
    6,
    1,
  ], [null, 1e9, 6, 1]]
) {
  Deno.test(`parseTopology refuses an input of ${JSON.stringify(extents)}`, () => {
    assertThrows(
      () => readTopology(withInput(extents), WEIGHTS),
      SyntaxError,
      "input",
    );
  });
}

const OUT_OF_RANGE: [string, unknown][] = [
  ["1e9 units", withLayer("hidden", { units: 1e9 })],
  ["infinite units", withLayer("hidden", { units: Infinity })],
  ["0 units", withLayer("hidden", { units: 0 })],
  ["half a unit", withLayer("hidden", { units: 0.5 })],
  ["-2 filters", withLayer("conv", { filters: -2 })],
  ["a dropout rate of 1", withLayer("dropout", { rate: 1 })],
];

for (const [what, topology] of OUT_OF_RANGE) {
  Deno.test(`parseTopology refuses ${what}`, () => {
    assertThrows(() => readTopology(topology, WEIGHTS), RangeError, "Cannot");
  });
}

/** Kernel and bias of a sum of two channels by ones, behind a layer that says `config`. */
function readScaled(
  className: string,
  config: Record<string, unknown>,
): number[][] {
  const { row, ...saved } = parseTopology({
    class_name: "Sequential",
    config: {
      name: "scaled",
      layers: [
        {
          class_name: className,
          config: {
            name: "scale",
            batch_input_shape: [null, 1, 1, 2],
            ...config,
          },
        },
        { class_name: "Flatten", config: { name: "flatten" } },
        { class_name: "Dense", config: { name: "fc", units: 2 } },
      ],
    },
  }, "it");
  const weights = [
    { shape: [2, 2], values: Float32Array.of(1, 1, 1, 1) },
    { shape: [2], values: new Float32Array(2) },
  ];
  const steps = row.flatMap((step: SavedRow[number]) =>
    step.kind === "residual"
      ? []
      : step.steps(step.name === "fc" ? weights : [])
  );
  return lowerRow({ ...saved, steps }, "it").weights
    .map(({ values }) => Array.from(values));
}

Deno.test("one factor of all channels and a shift of each go together", () => {
  // A factor below 1/16: pixels of 0 to 255, which are scaled first.
  assertEquals(
    readScaled("Rescaling", { scale: 1 / 255, offset: [-1, -2] }),
    [[1, 1, 1, 1], [-3, -3]],
  );
  assertEquals(
    readScaled("Normalization", { axis: -1, mean: [1, 2], variance: 4 }),
    [[0.5, 0.5, 0.5, 0.5], [-1.5, -1.5]],
  );
  assertEquals(
    readScaled("Normalization", { axis: [3], mean: 2, variance: [1, 4] }),
    [[1, 1, 0.5, 0.5], [-3, -3]],
  );
  assertEquals(
    readScaled("Normalization", { axis: null, mean: 2, variance: 4 }),
    [[0.5, 0.5, 0.5, 0.5], [-2, -2]],
  );
});

Deno.test("a layer that normalises by rows, or by two axes, is refused", () => {
  for (
    const [axis, message] of [
      [1, "go by the last axis: it goes by axis 1"],
      [[2, 3], "axis must be one number or none"],
    ] as const
  ) {
    assertThrows(
      () =>
        readScaled("Normalization", { axis, mean: [1, 2], variance: [1, 1] }),
      SyntaxError,
      message,
    );
  }
  assertThrows(
    () => readScaled("Normalization", { mean: [1, 2], variance: [1, 2, 3] }),
    SyntaxError,
    "it must have 3 numbers or one of each",
  );
});

Deno.test("a softmax within a sum is refused: it would do nothing there", () => {
  const softmax: LayerStep = {
    kind: "layer",
    layer: { kind: "softmax", name: "softmax" },
    weights: [],
  };
  const row: RowStep = { kind: "residual", name: "sum", steps: [softmax] };
  assertThrows(
    () => lowerRow({ name: "held", input: [4], steps: [row] }, "it"),
    SyntaxError,
    "layer sum must add no softmax, which comes last",
  );
});

Deno.test("parseTopology refuses a graph in which a layer would read itself", () => {
  const dense = (from: string) => ({
    class_name: "Dense",
    config: { name: "fc", units: 2 },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const graph = {
    class_name: "Model",
    config: {
      name: "turns",
      input_layers: [["input", 0, 0]],
      output_layers: [["fc", 0, 0]],
      layers: [
        {
          class_name: "InputLayer",
          config: { name: "input", batch_input_shape: [null, 2] },
        },
        dense("input"),
        dense("fc"),
      ],
    },
  };
  assertThrows(
    () => parseTopology(graph, "it"),
    SyntaxError,
    "layers must have different names: two are called fc",
  );
});

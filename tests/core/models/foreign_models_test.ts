/**
 * Models that others wrote, or damaged: each is read as what it is, or refused in
 * words that name what is wrong and the way out. Never read as something else.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { initialWeights } from "../../../core/models/initialise.ts";
import { loadModel } from "../../../core/models/load_model.ts";
import { saveModel } from "../../../core/models/save_model.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { MANIFEST } from "./tiny_folder.ts";

/** Two dense layers of one shape, which by place nobody could tell apart. */
const SPEC: ModelSpec = {
  name: "twins",
  input: [6, 6, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 2, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "first", units: 8, activation: "relu" },
    { kind: "dense", name: "second", units: 8, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};
const WEIGHTS = initialWeights(SPEC, 1).map(({ shape, values }, index) => ({
  shape,
  values: shape.length > 1 ? values : values.fill(index / 8),
}));

interface Entry {
  name: string;
  [key: string]: unknown;
}
interface SavedLayer extends Record<string, unknown> {
  class_name: string;
  config: Record<string, unknown>;
}

/** A saved model, to be changed. */
class Saved {
  constructor(
    readonly json: Record<string, unknown>,
    readonly topology: Record<string, unknown>,
    readonly model: Record<string, unknown>,
    readonly layers: SavedLayer[],
    readonly group: { paths: unknown[]; weights: Entry[] },
    public bytes: Uint8Array<ArrayBuffer>,
    /** What `model.json` holds, where it isn't `json`. */
    public text?: string,
  ) {}

  /** The layer called `name`. */
  layer(name: string): SavedLayer {
    const found = this.layers.find(({ config }) => config.name === name);
    if (!found) throw new Error(`There is no layer ${name}`);
    return found;
  }

  /** Sets `keys` in the configuration of the layer called `name`. */
  set(name: string, keys: Record<string, unknown>): void {
    Object.assign(this.layer(name).config, keys);
  }

  /** The weights in the order of `places`, their bytes too. */
  reorder(places: number[]): void {
    const parts = WEIGHTS.map(({ values }) => new Uint8Array(values.buffer));
    const { weights } = this.group;
    this.group.weights = places.map((place) => weights[place]);
    const sorted = places.map((place) => parts[place]);
    const length = sorted.reduce((sum, part) => sum + part.length, 0);
    this.bytes = new Uint8Array(length);
    let at = 0;
    for (const part of sorted) {
      this.bytes.set(part, at);
      at += part.length;
    }
  }
}

async function withSaved(
  change: (saved: Saved) => unknown,
  use: (folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await saveModel(folder, WEIGHTS, { ...MANIFEST, spec: SPEC });
    const json = JSON.parse(await Deno.readTextFile(`${folder}/model.json`));
    const saved = new Saved(
      json,
      json.modelTopology,
      json.modelTopology.config,
      json.modelTopology.config.layers,
      json.weightsManifest[0],
      await Deno.readFile(`${folder}/weights.bin`),
    );
    change(saved);
    await Deno.writeTextFile(
      `${folder}/model.json`,
      saved.text ?? JSON.stringify(json),
    );
    await Deno.writeFile(`${folder}/weights.bin`, saved.bytes);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const REVERSED = WEIGHTS.map((_, place) => WEIGHTS.length - 1 - place);

/** What is read, and gives the very model. */
const READ: Record<string, (saved: Saved) => unknown> = {
  "weights in reversed order": (saved) => saved.reorder(REVERSED),
  "two dense layers of one shape exchanged": (saved) =>
    saved.reorder([0, 1, 4, 5, 2, 3, 6, 7].map((place) => place)),
  "Keras' names, in another order": (saved) => {
    saved.group.weights.forEach((entry) => entry.name += ":0");
    saved.reorder(REVERSED);
  },
  "names behind their model's, as Keras 3 has them": (saved) => {
    saved.group.weights.forEach((entry) =>
      entry.name = `sequential/${entry.name}`
    );
    saved.reorder(REVERSED);
  },
  "a cell's name between, as TensorFlow 2.2 writes": (saved) =>
    saved.group.weights.forEach((entry) =>
      entry.name = entry.name.replace("/", "/cell/")
    ),
  "paths that begin with ./": (saved) => saved.group.paths = ["./weights.bin"],
  "what isn't said has Keras' default": (saved) => {
    for (const { config } of saved.layers) {
      for (
        const key of ["strides", "padding", "dilation_rate", "use_bias"]
          .concat(["data_format", "axis", "kernel_initializer"])
      ) delete config[key];
      if (config.activation === "linear") delete config.activation;
    }
  },
  "strides of null": (saved) => saved.set("pool", { strides: null }),
  "Keras' old names of layers": (saved) => {
    saved.layer("conv").class_name = "Convolution2D";
    saved.layer("pool").class_name = "MaxPool2D";
  },
  "Keras 3's words": (saved) => {
    for (const layer of saved.layers) {
      const { config } = layer;
      layer.module = "keras.layers";
      layer.registered_name = null;
      layer.build_config = {};
      config.dtype = {
        ...{ module: "keras", class_name: "DTypePolicy" },
        config: { name: "float32" },
      };
      if (!("batch_input_shape" in config)) continue;
      config.batch_shape = config.batch_input_shape;
      delete config.batch_input_shape;
    }
  },
  "a softmax along axis -1": (saved) => saved.set("softmax", { axis: -1 }),
  "regularizers, constraints and frozen layers": (saved) =>
    saved.set("first", {
      trainable: false,
      kernel_regularizer: { class_name: "L2", config: { l2: 0.01 } },
      bias_constraint: { class_name: "NonNeg", config: {} },
    }),
  "a key of null that nobody knows": (saved) =>
    saved.set("first", { lora_rank: null }),
  "a fixed batch in the input": (saved) =>
    saved.layers[0].config.batch_input_shape = [32, 6, 6, 1],
};

for (const [what, change] of Object.entries(READ)) {
  Deno.test(`loadModel reads ${what}`, async () => {
    await withSaved(change, async (folder) => {
      const { spec, weights } = await loadModel(folder);
      assertEquals(spec, SPEC);
      assertEquals(weights, WEIGHTS);
    });
  });
}

const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** What is refused, and a piece of the words. */
const REFUSED: Record<string, [(saved: Saved) => unknown, string]> = {
  "a weight of no layer": [
    (saved) => saved.group.weights[2].name = "third/kernel",
    "third/kernel is of none",
  ],
  "an optimiser's state": [
    (saved) => saved.group.weights[3].name = "first/kernel/momentum",
    "without its optimiser",
  ],
  "one weight twice": [
    (saved) => saved.group.weights[4].name = "first/kernel:0",
    "first/kernel must be there once",
  ],
  "a weight of two layers": [
    (saved) => {
      saved.layer("first").config.name = "second/first";
      saved.layer("second").config.name = "first";
      saved.group.weights[2].name = "x/second/first/kernel";
    },
    "must belong to one layer",
  ],
  "a weight that is missing": [
    (saved) => {
      saved.group.weights.pop();
      saved.bytes = saved.bytes.slice(0, -12);
    },
    "its weights must hold logits/bias",
  ],
  "quantised weights": [
    (saved) => saved.group.weights[0].quantization = { dtype: "uint8", min: 0 },
    "as float32, unquantised",
  ],
  "a key of a weight that nobody knows": [
    (saved) => saved.group.weights[0].scale = 2,
    "as float32, unquantised",
  ],
  "a graph model": [
    (saved) => saved.json.format = "graph-model",
    'its format must be layers-model: found "graph-model"',
  ],
  "kernels as Theano has them": [
    (saved) => saved.topology.backend = "theano",
    'its backend must be tensorflow, tensor_flow.js, jax, torch, numpy, openvino: found "theano"',
  ],
  "a functional model": [
    (saved) => saved.topology.class_name = "Model",
    'its topology must be a Sequential model: found "Model"',
  ],
  "a model's key that nobody knows": [
    (saved) => saved.model.reversed = true,
    "found reversed: true",
  ],
  "channels first in Flatten": [
    (saved) => saved.set("flatten", { data_format: "channels_first" }),
    'layer flatten must be channels-last: its data_format is "channels_first"',
  ],
  "computing in float16": [
    (saved) => saved.set("first", { dtype: "float16" }),
    'layer first must compute in float32: its dtype is "float16"',
  ],
  "a policy of mixed precision": [
    (saved) =>
      saved.set("first", {
        dtype: {
          class_name: "DTypePolicy",
          config: { name: "mixed_float16" },
        },
      }),
    "layer first must compute in float32",
  ],
  "a softmax along rows": [
    (saved) => saved.set("softmax", { axis: 0 }),
    "layer softmax must go by the last axis: its axis is 0",
  ],
  "grouped convolutions": [
    (saved) => saved.set("conv", { groups: 2 }),
    "layer conv must have one group of channels",
  ],
  "no bias, said as null is not": [
    (saved) => saved.set("first", { use_bias: 0 }),
    "layer first must have a bias: its use_bias is 0",
  ],
  "a key of a layer that nobody knows": [
    (saved) => saved.set("first", { slope: 0.1 }),
    "found slope: 0.1; build the model otherwise",
  ],
  "a softmax within a dense layer": [
    (saved) => saved.set("logits", { activation: "softmax" }),
    "a softmax must be a layer of its own",
  ],
  "an activation as an object": [
    (saved) => saved.set("first", { activation: { config: "relu" } }),
    'an activation must be relu or linear: found {"config":"relu"}',
  ],
  "a layer of someone's own under Keras' name": [
    (saved) => saved.layer("first").registered_name = "mine>Dense",
    "layer first must be Keras' own Dense",
  ],
  "a layer of another module": [
    (saved) => saved.layer("first").module = "mine.layers",
    "layer first must be Keras' own Dense",
  ],
  "layers wired otherwise": [
    (saved) => saved.layer("first").inbound_nodes = [[["conv", 0, 0, {}]]],
    "layer first must follow the one before",
  ],
  "a second input layer": [
    (saved) =>
      saved.layers.push({ class_name: "InputLayer", config: { name: "x" } }),
    "layer x must come first",
  ],
  "an input of any size": [
    (saved) => saved.layers[0].config.batch_input_shape = [null, null, null, 1],
    "an input extent must be a number: found null; give the model an input of one size",
  ],
  "batch normalisation": [
    (saved) => saved.layer("dropout").class_name = "BatchNormalization",
    "found BatchNormalization; build the model otherwise",
  ],
  "a layer named after what every object has": [
    (saved) => saved.layer("dropout").class_name = "constructor",
    "found constructor",
  ],
  "no softmax": [
    (saved) => saved.layers.pop(),
    "exactly one softmax must end the layers",
  ],
  "a dense layer on an image": [
    (saved) => saved.layers.splice(4, 1),
    "layer first must read a flattened row",
  ],
  "one class": [
    (saved) => {
      saved.set("logits", { units: 1 });
      saved.group.weights[6].shape = [8, 1];
      saved.group.weights[7].shape = [1];
    },
    "its output must be a row of 2 or more classes: it is 1",
  ],
  "an image of answers": [
    (saved) => saved.layers.splice(2, 6),
    "its output must be a row of 2 or more classes: it is 4×4×2",
  ],
  "a name that colours the terminal": [
    (saved) => saved.set("first", { name: "a\u001b[31mb" }),
    "a name of 1 to 200 visible characters: found",
  ],
  "a name of a megabyte": [
    (saved) => saved.model.name = "a".repeat(1e6),
    "a name of 1 to 200 visible characters",
  ],
  "a million files of weights": [
    (saved) => saved.group.paths = Array(1e5).fill("weights.bin"),
    "must lie in at most 4096 files",
  ],
  "a hundred thousand weights": [
    (saved) => saved.group.weights = Array(1e5).fill(saved.group.weights[0]),
    "conv/kernel must be there once",
  ],
  "a million lists within each other": [
    (saved) => saved.text = nest(1e6),
    "model.json: it",
  ],
  "a topology of lists within lists": [
    (saved) =>
      saved.text = JSON.stringify({ ...saved.json, modelTopology: "DEEP" })
        .replace('"DEEP"', nest(150)),
    "found [[[[[",
  ],
  "a number that is lists within lists": [
    (saved) =>
      saved.text = JSON.stringify(saved.json)
        .replace('"units":8', `"units":${nest(150)}`),
    "layer first: units must be a number: found [[[[[",
  ],
};

for (const [what, [change, message]] of Object.entries(REFUSED)) {
  Deno.test(`loadModel refuses ${what}`, async () => {
    await withSaved(change, async (folder) => {
      const error = await assertRejects(
        () => loadModel(folder),
        Error,
        message,
      );
      assertMatch(error.message, /^Cannot (load|read) /);
      assertEquals(error.message.includes("\u001b"), false);
      assertEquals(error.message.length < 500, true, error.message);
    });
  });
}

for (const odd of [NaN, Infinity, -Infinity]) {
  Deno.test(`loadModel refuses a weight of ${odd}, by its name`, async () => {
    await withSaved((saved) => {
      new DataView(saved.bytes.buffer).setFloat32(4 * 21, odd, true);
    }, async (folder) => {
      await assertRejects(
        () => loadModel(folder),
        SyntaxError,
        `every weight must be finite: number 1 of first/kernel is ${odd}`,
      );
    });
  });
}

for (const file of ["model.json", "weights.bin", "manifest.json"]) {
  Deno.test(`loadModel refuses a pipe and a link to itself as ${file}`, async () => {
    await withSaved(() => {}, async (folder) => {
      const path = `${folder}/${file}`;
      await Deno.remove(path);
      await new Deno.Command("mkfifo", { args: [path] }).output();
      await assertRejects(() => loadModel(folder), TypeError, "it is a pipe");
      await Deno.remove(path);
      await Deno.symlink(path, path);
      const error = await assertRejects(() => loadModel(folder), Error, file);
      assertMatch(error.message, /too many levels of symbolic links/i);
    });
  });
}

Deno.test("loadModel takes model.json for its folder, and says what else a path is", async () => {
  await withSaved(() => {}, async (folder) => {
    const { weights } = await loadModel(`${folder}/model.json`);
    assertEquals(weights, WEIGHTS);
    await assertRejects(
      () => loadModel(`${folder}/weights.bin`),
      TypeError,
      "it must be a folder that holds model.json: it is none",
    );
    await assertRejects(
      () => loadModel(`${folder}/mistyped.dram`),
      Deno.errors.NotFound,
      "there is no such file or folder; check the path",
    );
  });
});

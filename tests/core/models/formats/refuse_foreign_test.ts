/**
 * Models that others wrote, or damaged: each is read as what it is, or refused in
 * words that name what is wrong and the way out (here).
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { type Saved, withSaved } from "./saved_model.ts";

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
  "weights quantised otherwise": [
    (saved) => saved.group.weights[0].quantization = { dtype: "uint8", min: 0 },
    "as float32, plain or quantised",
  ],
  "a key of a weight that nobody knows": [
    (saved) => saved.group.weights[0].scale = 2,
    "as float32, plain or quantised",
  ],
  "a format that nobody knows": [
    (saved) => saved.json.format = "layer-cake",
    'its format must be layers-model or graph-model: found "layer-cake"',
  ],
  "layers as a graph": [
    (saved) => saved.json.format = "graph-model",
    "its topology must list nodes",
  ],
  "kernels as Theano has them": [
    (saved) => saved.topology.backend = "theano",
    'its backend must be tensorflow, tensor_flow.js, jax, torch, numpy, openvino: found "theano"',
  ],
  "a model of another class": [
    (saved) => saved.topology.class_name = "Wide",
    'its topology must be a Sequential or a Functional model: found "Wide"',
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
    "layer softmax: it must go by the last axis: found 0",
  ],
  "grouped convolutions": [
    (saved) => saved.set("conv", { groups: 2 }),
    "layer conv must have one group of channels",
  ],
  "no bias, said as null is not": [
    (saved) => saved.set("first", { use_bias: 0 }),
    "layer first must have a bias or none: its use_bias is 0",
  ],
  "a key of a layer that nobody knows": [
    (saved) => saved.set("first", { slope: 0.1 }),
    "found slope: 0.1; build the model otherwise",
  ],
  "an activation as an object": [
    (saved) => saved.set("first", { activation: { config: "relu" } }),
    'an activation must be a name: found {"config":"relu"}',
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
    "an input extent must be a number from 1 to 16777216: found null; give the model an input of one size",
  ],
  "rows of any length": [
    (saved) => saved.layers[0].config.ragged = true,
    "must not be ragged: its ragged is true",
  ],
  "a sparse input": [
    (saved) => saved.layers[0].config.sparse = true,
    "must not be sparse: its sparse is true",
  ],
  "a layer named after what every object has": [
    (saved) => saved.layer("dropout").class_name = "constructor",
    "found constructor",
  ],
  "one class": [
    (saved) => {
      saved.set("logits", { units: 1 });
      saved.group.weights[6].shape = [8, 1];
      saved.group.weights[7].shape = [1];
      saved.bytes = saved.bytes.slice(
        0,
        4 * (18 + 2 + 64 + 8 + 64 + 8 + 8 + 1),
      );
    },
    "its output must be a row of 2 or more classes: it is 1",
  ],
  "an image of answers": [
    (saved) => {
      saved.layers.splice(2, 6);
      saved.group.weights.splice(2);
      saved.bytes = saved.bytes.slice(0, 4 * 20);
    },
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

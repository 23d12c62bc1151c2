/**
 * GraphModels that no row of layers answers like, or that are damaged: refused in words,
 * with the node's name.
 *
 * @module
 */
import { assert, assertRejects } from "@std/assert";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { BEHIND, behindConvolution, conv, fuse, pool } from "./made_graphs.ts";
import {
  draw,
  type MadeGraph,
  type MadeNode,
  type MadeWeight,
  one,
  whole,
  withGraph,
  writeGraph,
} from "./write_graph.ts";

/** A graph with `nodes` behind a convolution. */
const behind = (
  nodes: MadeNode[],
  weights: Record<string, MadeWeight> = {},
) => behindConvolution(nodes, { weights });

type Written = ReturnType<typeof writeGraph>;

/** A graph that loads, but for what `change` does to its file. */
function changed(
  change: (json: ReturnType<typeof JSON.parse>) => void,
): Written {
  const { json, data } = writeGraph(behind([["m/act", "Relu", [BEHIND]]]));
  const copy = JSON.parse(JSON.stringify(json));
  change(copy);
  return { json: copy, data };
}

/** The node of `json` that is called `name`. */
function nodeOf(json: ReturnType<typeof JSON.parse>, name: string) {
  const { node } = json.modelTopology;
  return node.find((each: { name: string }) => each.name === name);
}

/** Graphs that are whole, and no row: what their error says. */
const NO_ROW: Record<string, [MadeGraph, string]> = {
  "an operator that is no layer": [
    behind([["m/up", "ResizeBilinear", [BEHIND, "m/size"]]], {
      "m/size": whole(7, 6),
    }),
    "node m/up (ResizeBilinear) must be an operator that Retort has as a layer",
  ],
  "two ways joined": [
    behind([["m/two", "ConcatV2", [BEHIND, BEHIND, "m/axis"], { N: 2 }]], {
      "m/axis": one(3, "int32"),
    }),
    "node m/two (ConcatV2) must reckon shapes",
  ],
  "two ways added": [
    behind([
      ["m/p", "Conv2D", [BEHIND, "m/k"], conv({ padding: "SAME" })],
      ["m/q", "Conv2D", [BEHIND, "m/k"], conv({ padding: "SAME" })],
      ["m/sum", "AddV2", ["m/p", "m/q"]],
    ], { "m/k": draw([3, 3, 4, 4]) }),
    "node m/sum (AddV2) must add what some layers make to what they read",
  ],
  "channels in four parts": [
    behind([[
      "m/p",
      "MaxPool",
      [BEHIND],
      { ...pool(2), data_format: "NCHW_VECT_C" },
    ]]),
    "node m/p (MaxPool) must read images, channels last (NHWC) or first (NCHW): its data_format is NCHW_VECT_C",
  ],
  "channels last and first in one": [
    behind([["m/p", "MaxPool", [BEHIND], { ...pool(2), data_format: "NCHW" }]]),
    "node m/p (MaxPool) must go by an image's rows and columns",
  ],
  "normalisation in training": [
    behind([
      [
        "m/bn",
        "FusedBatchNormV3",
        [BEHIND, "m/w", "m/w", "m/w", "m/w"],
        { is_training: true },
      ],
    ], { "m/w": draw([4]) }),
    "node m/bn (FusedBatchNormV3) must be as in use",
  ],
  "what tfjs reads fused no more": [
    behind([
      [
        "m/p",
        "_FusedConv2D",
        [BEHIND, "m/k", "m/w", "m/w", "m/w", "m/w"],
        conv(fuse(["FusedBatchNorm"], { num_args: 4 })),
      ],
    ], { "m/k": draw([3, 3, 4, 4]), "m/w": draw([4]) }),
    "node m/p (_FusedConv2D) must have a bias and an activation fused to it",
  ],
  "an attribute that nobody knows": [
    behind([["m/act", "Relu", [BEHIND], { ceiling: 7 }]]),
    "node m/act (Relu) must say no more than is read: it says ceiling",
  ],
  "a mirror around an image": [
    behind([["m/p", "MirrorPad", [BEHIND, "m/pads"], { mode: "REFLECT" }]], {
      "m/pads": { shape: [4, 2], values: Array(8).fill(1), dtype: "int32" },
    }),
    "node m/p (MirrorPad) must be an operator",
  ],
  "ones around an image": [
    behind([["m/p", "PadV2", [BEHIND, "m/pads", "m/one"]]], {
      "m/pads": {
        shape: [4, 2],
        values: [0, 0, 1, 1, 1, 1, 0, 0],
        dtype: "int32",
      },
      "m/one": one(1),
    }),
    "node m/p (PadV2) must add zeros: it adds 1",
  ],
  "zeros that a mean counts": [
    behind([
      ["m/p", "Pad", [BEHIND, "m/pads"]],
      ["m/q", "AvgPool", ["m/p"], pool(3, { padding: "SAME" })],
    ], {
      "m/pads": {
        shape: [4, 2],
        values: [0, 0, 1, 1, 1, 1, 0, 0],
        dtype: "int32",
      },
    }),
    "node m/q (AvgPool) must count zeros around an image in no mean",
  ],
  "pools over channels": [
    behind([["m/p", "MaxPool", [BEHIND], { ...pool(2), ksize: [1, 1, 1, 2] }]]),
    "its ksize are 1×1×1×2",
  ],
  "two outputs": [
    { ...behind([]), outputs: ["Identity", BEHIND] },
    "its graph must have one output",
  ],
  "classes alone": [
    (() => {
      const made = behind([]);
      const nodes: MadeNode[] = [
        ...made.nodes,
        ["m/best", "ArgMax", ["Identity", "m/axis"]],
      ];
      return {
        ...made,
        nodes,
        weights: { ...made.weights, "m/axis": one(-1, "int32") },
      };
    })(),
    "node m/best (ArgMax) must be an operator",
  ],
  "images of any size": [
    { ...behind([]), input: [-1, -1, -1, 2] },
    "an extent of its input x must be a number",
  ],
  "text": [
    { ...behind([]), inputType: "DT_STRING" },
    "its input x must be floats",
  ],
  "weights that the input makes": [
    behind([["m/p", "Conv2D", [BEHIND, BEHIND], conv()]]),
    "node m/p (Conv2D) must have weights as input 2",
  ],
  "a depthwise kernel that the input makes": [
    behind([["m/p", "DepthwiseConv2dNative", [BEHIND, BEHIND], conv()]]),
    "node m/p (DepthwiseConv2dNative) must have weights as input 2",
  ],
  "a circle": [
    behind([
      ["m/p", "AddV2", [BEHIND, "m/q"]],
      ["m/q", "Relu", ["m/p"]],
    ]),
    "isn't, or is made of its own output",
  ],
  "what isn't there": [
    behind([["m/p", "AddV2", [BEHIND, "m/nothing"]]]),
    "node m/p (AddV2) must read what is there before it: m/nothing isn't",
  ],
  "a second output": [
    behind([["m/p", "Relu", [`${BEHIND}:1`]]]),
    "must read what is there before it: m/conv2d/BiasAdd:1 isn't",
  ],
  "tables that are filled first": [
    { ...behind([]) },
    "it must compute nothing before its first image",
  ],
};

for (const [what, [made, message]] of Object.entries(NO_ROW)) {
  Deno.test(`loadModel refuses a GraphModel with ${what}, and names the node`, async () => {
    const written = writeGraph(made);
    if (what.startsWith("tables")) written.json.modelInitializer = { node: [] };
    await withGraph(written, async (folder) => {
      const error = await assertRejects(() => loadModel(folder), SyntaxError);
      assert(error.message.includes(message), error.message);
      assert(/^Cannot load .+; build the model otherwise/.test(error.message));
    });
  });
}

/** Files that are damaged, or say what no converter does. */
const DAMAGED: Record<string, [Written, string]> = {
  "no nodes": [changed((json) => json.modelTopology = {}), "must list nodes"],
  "a node without an operator": [
    changed((json) => delete nodeOf(json, "m/act").op),
    "node m/act must have an operator",
  ],
  "a node of a strange name": [
    changed((json) => nodeOf(json, "m/act").name = "m/act \u202e"),
    "each node must have a name as TensorFlow has it",
  ],
  "an input that is no name": [
    changed((json) => nodeOf(json, "m/act").input = [7]),
    "inputs must be outputs of nodes",
  ],
  "an attribute of another kind": [
    changed((json) => nodeOf(json, BEHIND).attr.strides = { s: "MQ==" }),
    `must say its strides as TensorFlow does: it says {"s":"MQ=="}`,
  ],
  "a constant that isn't there": [
    changed((json) => json.weightsManifest[0].weights[0].name = "other"),
    "its weights must hold m/conv2d/kernel",
  ],
  "a weight twice": [
    changed((json) =>
      json.weightsManifest[0].weights[1].name = "m/conv2d/kernel"
    ),
    "each weight must be there once: m/conv2d/kernel is there twice",
  ],
  "weights that are cut": [
    changed((json) => json.weightsManifest[0].weights[0].shape = [3, 3, 2, 5]),
    "its weights must fill",
  ],
  "a path that leads away": [
    changed((json) => json.weightsManifest[0].paths = ["../weights.bin"]),
    "weights must lie beside it under a plain file name",
  ],
  "more numbers than memory holds": [
    changed((json) =>
      json.weightsManifest[0].weights[0].shape = [2 ** 20, 2 ** 20]
    ),
    "its weights must have at most",
  ],
  "a weight of so many axes that nobody can tell how many numbers it has": [
    changed((json) =>
      json.weightsManifest[0].weights[0].shape = [
        ...Array(25).fill(2 ** 52),
        0,
      ]
    ),
    "a shape of at most 8 axes",
  ],
  "one node twice": [
    changed((json) => json.modelTopology.node.push(nodeOf(json, "m/act"))),
    "node m/act (Relu) must have a name of its own",
  ],
};

for (const [what, [written, message]] of Object.entries(DAMAGED)) {
  Deno.test(`loadModel refuses a GraphModel with ${what}`, async () => {
    await withGraph(written, async (folder) => {
      const error = await assertRejects(() => loadModel(folder), Error);
      assert(error.message.includes(message), error.message);
      assert(/^Cannot load .+; /.test(error.message), error.message);
    });
  });
}

Deno.test("a GraphModel of 17,000 nodes is refused, one of 6,000 that do nothing is read soon", async () => {
  const chain = (count: number) => {
    const nodes = Array.from({ length: count }, (_, i): MadeNode => [
      `m/n${i}`,
      "Identity",
      [i === 0 ? BEHIND : `m/n${i - 1}`],
    ]);
    return writeGraph(behind(nodes));
  };
  await withGraph(chain(6_000), async (folder) => {
    assert((await loadModel(folder)).spec.layers.length === 4);
  });
  await withGraph(chain(17_000), async (folder) => {
    await assertRejects(() => loadModel(folder), RangeError, "at most 16384");
  });
});

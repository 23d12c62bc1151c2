/**
 * A GraphModel of two branches, which is no row of layers, is run by stock tfjs, and
 * answers as the row does whose one convolution has the kernels of both.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import { openBox } from "../../../../../core/models/formats/black_box.ts";
import {
  describeModel,
  loadModel,
  loadTeacher,
} from "../../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import { conv, fuse } from "./made_graphs.ts";
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

const SHAPE = [7, 6, 3];
const IMAGES = 5;
const HALF = 4;
const [LEFT, RIGHT] = [draw([3, 3, 3, HALF]), draw([3, 3, 3, HALF])];

/** Both kernels as one, whose filters are those of the first and then of the other. */
const JOINED: MadeWeight = {
  shape: [3, 3, 3, 2 * HALF],
  values: Array.from({ length: 27 }, (_, place) => [
    ...Array.from(LEFT.values).slice(place * HALF, (place + 1) * HALF),
    ...Array.from(RIGHT.values).slice(place * HALF, (place + 1) * HALF),
  ]).flat(),
};

const END: MadeNode[] = [
  ["relu", "Relu", ["joined"]],
  ["mean", "Mean", ["relu", "places"], { keep_dims: false }],
  ["product", "MatMul", ["mean", "fc"], {
    transpose_a: false,
    transpose_b: false,
  }],
  ["sum", "BiasAdd", ["product", "bias"], { data_format: "NHWC" }],
];
const WEIGHTS = {
  fc: draw([2 * HALF, 3]),
  bias: draw([3]),
  places: whole(1, 2),
};

/** A graph whose branches are put beside each other, ended by `end`. */
function branches(end: MadeNode[], begin: MadeNode[] = []): MadeGraph {
  const image = begin.at(-1)?.[0] ?? "x";
  return {
    input: [-1, ...SHAPE],
    nodes: [
      ...begin,
      ["a", "Conv2D", [image, "left"], conv()],
      ["b", "Conv2D", [image, "right"], conv()],
      ["joined", "ConcatV2", ["a", "b", "axis"], { N: 2 }],
      ...END,
      ...end,
    ],
    weights: {
      left: LEFT,
      right: RIGHT,
      axis: one(3, "int32"),
      white: one(255),
      ...WEIGHTS,
    },
  };
}

const ROW: MadeGraph = {
  input: [-1, ...SHAPE],
  nodes: [["joined", "Conv2D", ["x", "kernel"], conv()], ...END],
  weights: { kernel: JOINED, ...WEIGHTS },
};

const random = randomStream(4, "graph images");
const BYTES = Uint8Array.from(
  { length: IMAGES * SHAPE.reduce((a, b) => a * b) },
  () => random.below(256),
);

/** What the row gives of these images. */
async function rowLogits(): Promise<Float32Array> {
  const logits: Float32Array[] = [];
  await withGraph(writeGraph(ROW), async (folder) => {
    const { spec, weights } = await loadModel(folder);
    const floats = Float32Array.from(BYTES, (byte) => byte / 255);
    logits.push(prepareDirect(spec, weights, []).classify(floats).logits);
  });
  return logits[0];
}

Deno.test("a GraphModel of branches gives the logits of its row by stock tfjs", async () => {
  const wanted = await rowLogits();
  const softmax: MadeNode[] = [
    ["probabilities", "Softmax", ["sum"]],
    ["output", "Identity", ["probabilities"]],
  ];
  const written = writeGraph(branches(softmax));
  await withGraph(written, async (folder) => {
    const box = await loadTeacher(folder);
    if (box.kind === "row") throw new Error("it is a row of layers");
    assertEquals([box.format, box.asked, box.output], [
      "tfjs-graph-model",
      "sum",
      "logits",
    ]);
    assertEquals(box.parameters, 8 * 27 + 8 * 3 + 3 + 1);
    assertEquals(box.pixels, undefined);
    await using open = await openBox(box);
    assert(open.runtime.startsWith("tfjs 4.22.0, wasm"), open.runtime);
    const logits = await open.answer(BYTES);
    assertEquals(logits.length, wanted.length);
    const off = Math.max(...wanted.map((z, i) => Math.abs(z - logits[i])));
    assert(off < 1e-4, `the largest difference is ${off}`);
  });
});

for (
  const [what, end, asked, output] of [
    [
      "sigmoids give what these read",
      [["p", "Sigmoid", ["sum"]], ["output", "Identity", ["p"]]],
      "sum",
      "logits",
    ],
    [
      "sigmoids fused to a layer give their log-odds",
      [["output", "_FusedMatMul", ["sum", "same", "none"], {
        transpose_a: false,
        transpose_b: false,
        ...fuse(["BiasAdd", "Sigmoid"]),
      }]],
      "output",
      "log-odds",
    ],
  ] as [string, MadeNode[], string, string][]
) {
  Deno.test(`a GraphModel of branches that ends in ${what}`, async () => {
    const wanted = await rowLogits();
    const { weights, ...made } = branches(end);
    const same = { shape: [3, 3], values: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
    const none = { shape: [3], values: [0, 0, 0] };
    const written = writeGraph({
      ...made,
      weights: { ...weights, same, none },
    });
    await withGraph(written, async (folder) => {
      const box = await loadTeacher(folder);
      if (box.kind === "row") throw new Error("it is a row of layers");
      assertEquals([box.ends, box.asked, box.output], [
        "sigmoids",
        asked,
        output,
      ]);
      await using open = await openBox(box);
      const logits = await open.answer(BYTES);
      const off = Math.max(...wanted.map((z, i) => Math.abs(z - logits[i])));
      assert(off < 1e-4, `the largest difference is ${off}`);
    });
  });
}

Deno.test("a GraphModel of branches that ends in one sigmoid has two classes", async () => {
  const wanted = await rowLogits();
  const { weights, ...made } = branches([
    ["one", "MatMul", ["sum", "first"], {
      transpose_a: false,
      transpose_b: false,
    }],
    ["output", "Sigmoid", ["one"]],
  ]);
  const first = { shape: [3, 1], values: [1, 0, 0] };
  const written = writeGraph({ ...made, weights: { ...weights, first } });
  await withGraph(written, async (folder) => {
    const box = await loadTeacher(folder);
    if (box.kind === "row") throw new Error("it is a row of layers");
    assertEquals([box.ends, box.classes], ["one sigmoid", 2]);
    await using open = await openBox(box);
    const logits = await open.answer(BYTES);
    assertEquals(logits.length, 2 * IMAGES);
    for (let image = 0; image < IMAGES; image++) {
      assertEquals(logits[2 * image], 0);
      const off = Math.abs(logits[2 * image + 1] - wanted[3 * image]);
      assert(off < 1e-4, `${off}`);
    }
  });
});

Deno.test("a GraphModel of branches that scales pixels of 0 to 255 down itself is given those", async () => {
  const begin: MadeNode[] = [["scaled", "RealDiv", ["x", "white"]]];
  const written = writeGraph(branches([["y", "Identity", ["sum"]]], begin));
  await withGraph(written, async (folder) => {
    const box = await describeModel(folder);
    if (box.kind === "row") throw new Error("it is a row of layers");
    assertEquals(box.pixels, { scale: 255, mean: [0], deviation: [1] });
  });
});

Deno.test("a GraphModel of whole numbers that are quantised is read, and one of complex weights is a black box", async () => {
  const { weights, ...made } = ROW;
  const places: MadeWeight = { ...whole(1, 2), quantized: "uint8" };
  const small = writeGraph({ ...made, weights: { ...weights, places } });
  const rows: unknown[] = [];
  for (const written of [writeGraph(ROW), small]) {
    await withGraph(written, async (folder) => {
      const { spec, weights } = await loadModel(folder);
      rows.push({ spec, weights });
    });
  }
  assertEquals(rows[1], rows[0]);
  const complex: MadeWeight = { ...draw([3]), dtype: "complex64" };
  const odd = writeGraph({
    ...made,
    nodes: [
      ...made.nodes,
      ["real", "Real", ["complex"]],
      ["more", "AddV2", ["sum", "real"]],
      ["output", "BiasAdd", ["more", "bias"], { data_format: "NHWC" }],
    ],
    weights: { ...weights, complex },
  });
  await withGraph(odd, async (folder) => {
    const box = await describeModel(folder);
    assertEquals(
      box.kind === "box" && box.reason,
      "weights of its layers must be floats: complex is complex",
    );
  });
});

Deno.test("a GraphModel that is neither a row nor a black box says why not both", async () => {
  const outputs = { ...branches([]), outputs: ["sum", "mean"] };
  const [many, nameless] = [
    writeGraph(outputs),
    writeGraph({
      ...branches([["output", "Tanh", ["sum"]]]),
    }),
  ];
  for (
    const [written, message] of [
      [
        many,
        "nor can it be run as a black box: its graph must have one output",
      ],
      [nameless, "its signature must say that it gives [n, classes]"],
    ] as const
  ) {
    await withGraph(written, async (folder) => {
      await assertRejects(() => describeModel(folder), SyntaxError, message);
    });
  }
});

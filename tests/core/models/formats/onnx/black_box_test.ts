/**
 * ONNX files that are no row of layers are run by ONNX Runtime, and answer as the row
 * does that the same network is without what makes it none: a Concat of one.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import {
  type DescribedBox,
  openBox,
  probeBox,
} from "../../../../../core/models/formats/black_box.ts";
import {
  type BlackBox,
  describeModel,
  loadModel,
  loadTeacher,
  type ModelReading,
} from "../../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import { hasOnnxRuntime } from "./has_onnxruntime.ts";
import { CLASSES, draw, integers, one } from "./made_models.ts";
import { type Made, type MadeNode, writeModel } from "./write_model.ts";

const [HEIGHT, WIDTH, CHANNELS] = [6, 5, 3];
const IMAGES = 9;
const random = randomStream(3, "images");
const IMAGE_BYTES = Uint8Array.from(
  { length: IMAGES * HEIGHT * WIDTH * CHANNELS },
  () => random.below(256),
);

const TENSORS = {
  "conv.weight": draw(8, CHANNELS, 3, 3),
  "fc.weight": draw(CLASSES, 8),
  axis: integers(1),
};
const END: MadeNode[] = [
  ["GlobalAveragePool", ["r"], "means"],
  ["Flatten", ["means"], "flat"],
  ["Gemm", ["flat", "fc.weight"], "z", { transB: 1 }],
];
/** What gives `z` of `from`, an image of channels first. */
const network = (from: string): MadeNode[] => [
  ["Conv", [from, "conv.weight"], "c", { pads: [1, 1, 1, 1] }],
  ["Relu", ["c"], "r"],
  ...END,
];

const CONCAT: MadeNode = ["Concat", ["z"], "y", { axis: 1 }];
/** No change of any number, which is no layer of ours. */
const PLAIN: MadeNode[] = [...network("x"), CONCAT];

/** `nodes` as a file. */
function made(nodes: MadeNode[], more: Partial<Made> = {}): Made {
  return {
    input: ["n", CHANNELS, HEIGHT, WIDTH],
    nodes,
    tensors: TENSORS,
    ...more,
  };
}

/** The same in floats of 16 bits, from its input to its output, which is a softmax. */
const HALF = made([...network("x"), CONCAT, ["Softmax", ["y"], "p"]], {
  inputType: 10,
  outputType: 10,
  outputs: ["p"],
  tensors: Object.fromEntries(
    Object.entries(TENSORS).map(([name, tensor]) => [
      name,
      name === "axis" ? tensor : { ...tensor, type: 10 },
    ]),
  ),
});

/** What a box has that no row has, and changes no number of its logits. */
const BOX_ONLY = ["Concat", "QuantizeLinear", "DequantizeLinear"];

/** The same, with what is nothing where a box has what makes it one. */
function asRow({ nodes, ...rest }: Made): Made {
  return {
    ...rest,
    nodes: nodes.map(([operator, inputs, ...more]): MadeNode =>
      BOX_ONLY.includes(operator)
        ? ["Identity", inputs.slice(0, 1), more[0]]
        : [operator, inputs, ...more]
    ),
  };
}

const folder = await Deno.makeTempDir();
let written = 0;

async function write(model: Made): Promise<string> {
  const path = `${folder}/${written++}.onnx`;
  await Deno.writeFile(path, writeModel(model));
  return path;
}

/** The black box in the file at `path`, which is one. */
async function loadBox(
  path: string,
  reading: ModelReading = {},
): Promise<BlackBox> {
  const box = await loadTeacher(path, reading);
  if (box.kind === "row") throw new Error("it is a row of layers");
  return box;
}

async function answer(box: BlackBox): Promise<Float32Array> {
  await using open = await openBox(box);
  return await open.answer(IMAGE_BYTES);
}

function assertClose(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  what: string,
): void {
  assertEquals(found.length, wanted.length);
  const off = Array.from(
    wanted,
    (value, i) => Math.abs(found[i] - value),
  );
  const most = Math.max(...off);
  assert(most < 1e-4, `${what}: the largest difference is ${most}`);
}

/** log(exp zᵢ / Σ exp z) of each row. */
function logSoftmax(logits: Float32Array): Float32Array {
  return logits.map((value, i) => {
    const first = i - i % CLASSES;
    const row = logits.subarray(first, first + CLASSES);
    return value - Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
  });
}

/** A sigmoid of each, which no operator of ours makes: 1/(1 + exp −z). */
const ODD_SIGMOID: MadeNode[] = [
  ["Neg", ["z"], "m"],
  ["Exp", ["m"], "e"],
  ["Add", ["e", "unit"], "s"],
  ["Reciprocal", ["s"], "y"],
];

/** The same, ended by what is cut off. */
const ENDED: MadeNode[] = [
  ["Concat", ["z"], "joined", { axis: 1 }],
  ["Softmax", ["joined"], "p", { axis: 1 }],
  ["Identity", ["p"], "y"],
];

/** Files, how they are read, and what of the row's logits their answers are. */
const ANSWERED: Record<
  string,
  { model: Made; reading?: ModelReading; output?: BlackBox["output"] }
> = {
  "a graph that ends in logits": { model: made(PLAIN) },
  "probabilities that no softmax makes become their logarithms": {
    model: made([
      ...network("x"),
      ["Concat", ["z"], "joined", { axis: 1 }],
      ["Exp", ["joined"], "e"],
      ["ReduceSum", ["e", "axis"], "s"],
      ["Div", ["e", "s"], "y"],
    ]),
    output: "log-probabilities",
  },
  "sigmoids, behind what makes no row": {
    model: made([
      ...network("x"),
      ["Concat", ["z"], "joined", { axis: 1 }],
      ["Sigmoid", ["joined"], "p"],
      ["Reshape", ["p", "rows"], "y"],
    ], { tensors: { ...TENSORS, rows: integers(-1, CLASSES) } }),
  },
  "probabilities each by itself that no sigmoid makes become their log-odds": {
    model: made([...network("x"), ...ODD_SIGMOID], {
      tensors: { ...TENSORS, unit: one(1) },
    }),
    output: "log-odds",
  },
  "channels last, in batches of four of nine images": {
    model: made([
      ["Transpose", ["x"], "t", { perm: [0, 3, 1, 2] }],
      ...network("t"),
      ...ENDED,
    ], { input: [4, HEIGHT, WIDTH, CHANNELS] }),
  },
  "bytes, and the logarithm of a softmax of the axes from the first": {
    model: made([
      ["Cast", ["x"], "f", { to: 1 }],
      ...network("f"),
      ["Concat", ["z"], "joined", { axis: 1 }],
      ["Softmax", ["joined"], "p"],
      ["Log", ["p"], "y"],
    ], { inputType: 2, opset: 11 }),
  },
  "pixels of 0 to 255 that it scales down itself": {
    model: made([
      ["Cast", ["x"], "f", { to: 1 }],
      ["Sub", ["f", "mean"], "m"],
      ["Div", ["m", "white"], "s"],
      ...network("s"),
      CONCAT,
    ], { tensors: { ...TENSORS, mean: one(99), white: one(255) } }),
  },
  "a softmax whose probabilities are rounded to bytes": {
    model: made([
      ...network("x"),
      ["Concat", ["z"], "joined", { axis: 1 }],
      ["Softmax", ["joined"], "p", { axis: 1 }],
      ["QuantizeLinear", ["p", "step", "zero"], "bytes"],
      ["DequantizeLinear", ["bytes", "step", "zero"], "y"],
    ], {
      tensors: {
        ...TENSORS,
        step: one(1 / 256),
        zero: { shape: [], values: [0], type: 2 },
      },
    }),
  },
  "pixels of 0 to 255 that are normalised, blue first": {
    model: made([...network("x"), ...ENDED]),
    reading: {
      pixels: { scale: 255, mean: [103, 116, 123], deviation: [1, 2, 3] },
      bgr: true,
    },
  },
};

Deno.test({
  name:
    "ONNX files that are no row of layers give the logits of the row that they are otherwise (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const floats = Float32Array.from(IMAGE_BYTES, (byte) => byte / 255);
    const compare = async (
      what: string,
      { model, reading, output = "logits" }: typeof ANSWERED[string],
    ) => {
      const box = await loadBox(await write(model), reading);
      assertEquals(box.output, output, what);
      const isLog = output === "log-probabilities";
      const isOdd = output !== "logits";
      const row = await loadModel(
        await write(asRow(isOdd ? made(PLAIN) : model)),
        reading,
      );
      const { logits } = prepareDirect(row.spec, row.weights, [])
        .classify(floats);
      assertClose(await answer(box), isLog ? logSoftmax(logits) : logits, what);
    };
    await Promise.all(
      Object.entries(ANSWERED).map(([what, each]) => compare(what, each)),
    );
  },
});

Deno.test({
  name:
    "a black box of 16-bit floats is given such, and gives logits to their precision (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const half = await loadBox(await write(HALF));
    assertEquals([half.asked, half.output], ["y", "logits"]);
    const whole = await answer(await loadBox(await write(made(PLAIN))));
    const found = await answer(half);
    assertEquals(found.length, whole.length);
    const off = Math.max(...whole.map((z, i) => Math.abs(z - found[i])));
    assert(off < 0.01, `${off}`);
  },
});

Deno.test({
  name:
    "a black box of one sigmoid has two classes, of logits 0 and what it reads (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const tensors = { ...TENSORS, "fc.weight": draw(1, 8) };
    const one = made([
      ...network("x"),
      ["Concat", ["z"], "joined", { axis: 1 }],
      ["Sigmoid", ["joined"], "y"],
    ], { tensors, classes: 1 });
    const box = await loadBox(await write(one));
    assertEquals([box.classes, box.ends, box.output, box.asked], [
      2,
      "one sigmoid",
      "logits",
      "joined",
    ]);
    const row = await loadModel(await write(asRow(one)));
    assertEquals(row.ends, "one sigmoid");
    const { logits } = prepareDirect(row.spec, row.weights, [])
      .classify(Float32Array.from(IMAGE_BYTES, (byte) => byte / 255));
    assertClose(await answer(box), logits, "logits");
    assertEquals(logits[0], 0);
    // Where what it reads can't be asked for.
    const whole: BlackBox = {
      ...box,
      ...await probeBox({ ...box, asked: "y", isCut: false }),
    };
    assertEquals(whole.output, "log-odds");
    assertClose(await answer(whole), logits, "log-odds");
  },
});

Deno.test("what is known of a black box is told without running it", async () => {
  const { kind, input, classes, parameters, operators, isCut, ...box } =
    await describe(made(PLAIN));
  assertEquals([kind, input, classes, isCut], [
    "box",
    [HEIGHT, WIDTH, CHANNELS],
    CLASSES,
    false,
  ]);
  assertEquals(parameters, 8 * CHANNELS * 9 + CLASSES * 8);
  assertEquals(operators, {
    Conv: 1,
    Relu: 1,
    GlobalAveragePool: 1,
    Flatten: 1,
    Gemm: 1,
    Concat: 1,
  });
  assert(box.reason.startsWith("node y (Concat) must be"), box.reason);
  assertEquals(box.asked, "y");
});

async function describe(model: Made): Promise<DescribedBox> {
  const box = await describeModel(await write(model));
  if (box.kind === "row") throw new Error("it is a row of layers");
  return box;
}

Deno.test("where layers are needed, a black box is refused with the node and the way out", async () => {
  const path = await write(made(PLAIN));
  const error = await assertRejects(
    () => loadModel(path),
    SyntaxError,
    "node y (Concat)",
  );
  assert(error.message.endsWith("`evaluate` scores it"), error.message);
});

Deno.test("files that are neither a row nor a black box say why not both", async () => {
  const cases: [Partial<Made>, string][] = [
    [{ input: ["n", CHANNELS, "h", "w"] }, "of one size"],
    [{ input: ["n", 7, HEIGHT, WIDTH] }, "an image of 1 channel or 3"],
    [{ inputType: 7 }, "floats of 32 or 16 bits, or bytes"],
    [{ moreInputs: ["other"] }, "one input: it has 2"],
    [{ outputs: ["y", "z"] }, "one of its outputs must be"],
  ];
  for (const [more, message] of cases) {
    const path = await write(made(PLAIN, more));
    await assertRejects(() => describeModel(path), SyntaxError, message);
  }
  const bytes = await write(made(PLAIN, { inputType: 2 }));
  const pixels = { scale: 255, mean: [0], deviation: [1] };
  await assertRejects(
    () => describeModel(bytes, { pixels }),
    SyntaxError,
    "leave --pixels out",
  );
});

Deno.test({
  name:
    "a black box that its runtime refuses, or that answers otherwise than it says, is an error with the file (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const cases: [MadeNode[], message: string][] = [
      // An operator that no runtime has.
      [
        [...network("x"), ["Nonsense", ["z"], "y"]],
        "onnxruntime-web must read it: ",
      ],
      // 0/0.
      [
        [
          ...network("x"),
          ["Sub", ["z", "z"], "nothing"],
          ["Div", ["z", "nothing"], "y"],
        ],
        "its answers must be finite",
      ],
      // Six numbers where three are declared.
      [
        [...network("x"), ["Concat", ["z", "z"], "y", { axis: 1 }]],
        "onnxruntime-web must",
      ],
      // 4 TB.
      [
        [
          ...network("x"),
          ["ConstantOfShape", ["huge"], "h"],
          ["ReduceSum", ["h"], "s", { keepdims: 0 }],
          ["Add", ["z", "s"], "y"],
        ],
        "onnxruntime-web must",
      ],
    ];
    const tensors = { ...TENSORS, huge: integers(2 ** 20, 2 ** 20) };
    await Promise.all(cases.map(async ([nodes, message]) => {
      const path = await write(made(nodes, { tensors }));
      const error = await assertRejects(
        () => loadTeacher(path),
        Error,
        message,
      );
      assert(error.message.includes(path), error.message);
      assert(/; |--pixels/.test(error.message), error.message);
    }));
    const box = await describe(made(PLAIN));
    await assertRejects(
      () => probeBox(box, { patience: 1 }),
      Error,
      "within 0.001 seconds: it hasn't",
    );
    const stop = new AbortController();
    const cut = await loadBox(await write(made([...network("x"), ...ENDED])));
    await using open = await openBox(cut, { signal: stop.signal });
    const asked = open.answer(IMAGE_BYTES);
    stop.abort(new Error("stopped"));
    await assertRejects(() => asked, Error, "stopped");
  },
});

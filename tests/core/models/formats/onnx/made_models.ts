/**
 * Models as exporters write them, each of its own kind: what is loaded, and what is
 * refused.
 *
 * @module
 */
import { randomStream } from "../../../../../core/random/stream.ts";
import type { Made, MadeNode, Said, Stored } from "./write_model.ts";

export const CLASSES = 3;

const random = randomStream(21, "weights");

/** Weights that count. */
export function draw(...shape: number[]): Stored {
  const values = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    () => random.uniform() - 0.5,
  );
  return { shape, values };
}

/** Numbers above 0. */
function spread(...shape: number[]): Stored {
  const { values } = draw(...shape);
  return { shape, values: Float32Array.from(values, (value) => value + 0.75) };
}

export const integers = (...values: number[]): Stored => ({
  shape: [values.length],
  values,
  type: 7,
});

export const one = (value: number): Stored => ({ shape: [], values: [value] });

/** What ends a model of `channels`: their means, and the classes. */
function end(
  from: string,
  channels: number,
): Pick<Made, "nodes"> & { tensors: Record<string, Stored> } {
  return {
    nodes: [
      ["GlobalAveragePool", [from], "means"],
      ["Flatten", ["means"], "flat"],
      ["Gemm", ["flat", "fc.weight", "fc.bias"], "y", { transB: 1 }],
    ],
    tensors: {
      "fc.weight": draw(CLASSES, channels),
      "fc.bias": draw(CLASSES),
    },
  };
}

const IMAGE = ["n", 2, 9, 8];

/** A model of images whose `nodes` give `a` of `channels`, from `x`. */
function image(
  nodes: MadeNode[],
  channels: number,
  { tensors = {}, ...more }: Partial<Made> = {},
): Made {
  const last = end("a", channels);
  return {
    input: IMAGE,
    ...more,
    nodes: [...nodes, ...last.nodes],
    tensors: { ...tensors, ...last.tensors },
  };
}

/** One convolution of 4 channels, as it is told, and a relu. */
function convolution(
  attributes: Record<string, Said>,
  kernel = [4, 2, 3, 3],
): Made {
  return image(
    [
      ["Conv", ["x", "w", "b"], "c", attributes],
      ["Relu", ["c"], "a"],
    ],
    kernel[0],
    { tensors: { w: draw(...kernel), b: draw(kernel[0]) } },
  );
}

const CONV: MadeNode = ["Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1] }];
const KERNEL = { w: draw(4, 2, 3, 3) };

/** An operator on what a convolution gives. */
function behind(
  operator: string,
  attributes: Record<string, Said> = {},
  more: Record<string, Stored> = {},
  opset?: number,
): Made {
  return image(
    [CONV, [operator, ["c", ...Object.keys(more)], "a", attributes]],
    4,
    { tensors: { ...KERNEL, ...more }, opset },
  );
}

/** A pool between two layers that it can't be mistaken for. */
function pool(operator: string, attributes: Record<string, Said>): Made {
  return image(
    [CONV, [operator, ["c"], "p", attributes], [
      "Conv",
      ["p", "v"],
      "a",
      {},
    ]],
    3,
    { tensors: { ...KERNEL, v: draw(3, 4, 2, 2) } },
  );
}

/** Steps on numbers of one convolution flattened by `nodes` from `c` to `f`, then classes. */
function flattened(
  nodes: MadeNode[],
  tensors: Record<string, Stored> = {},
  more: Partial<Made> = {},
): Made {
  return {
    input: ["n", 2, 5, 4],
    nodes: [
      ["Conv", ["x", "w"], "c"],
      ...nodes,
      ["Gemm", ["f", "fc.weight", "fc.bias"], "y", { transB: 1 }],
    ],
    tensors: {
      w: draw(4, 2, 2, 2),
      "fc.weight": draw(CLASSES, 48),
      "fc.bias": draw(CLASSES),
      ...tensors,
    },
    ...more,
  };
}

const half = (stored: Stored): Stored => ({ ...stored, type: 10 });

/** A block of two convolutions whose sum with what they read is what they give. */
const BLOCK: MadeNode[] = [
  ["Conv", ["x", "w0"], "a0", { pads: [1, 1, 1, 1] }],
  ["Relu", ["a0"], "r0"],
  ["Conv", ["r0", "w1"], "c1", { pads: [1, 1, 1, 1] }],
  ["BatchNormalization", ["c1", "g", "b", "m", "v"], "n1"],
  ["Relu", ["n1"], "r1"],
  ["Conv", ["r1", "w2"], "c2", { pads: [1, 1, 1, 1] }],
  ["Add", ["c2", "r0"], "s"],
  ["Relu", ["s"], "a"],
];
const BLOCK_WEIGHTS = () => ({
  w0: draw(4, 2, 3, 3),
  w1: draw(4, 4, 3, 3),
  w2: draw(4, 4, 3, 3),
  ...normalisation(4),
});
const normalisation = (channels: number) => ({
  g: spread(channels),
  b: draw(channels),
  m: draw(channels),
  v: spread(channels),
});

/** What is loaded, and answers as in ONNX Runtime. */
export const LOADED: Record<string, Made> = {
  "a convolution with a bias": convolution({}),
  "symmetric pads": convolution({ pads: [1, 1, 1, 1] }),
  "pads of four numbers": convolution({ pads: [2, 0, 1, 3] }),
  "strides and pads": convolution({ strides: [2, 3], pads: [1, 1, 1, 1] }),
  "dilations": convolution({ dilations: [2, 1], pads: [2, 1, 2, 1] }),
  "an oblong kernel": convolution({ pads: [2, 0, 2, 0] }, [4, 2, 5, 1]),
  "auto_pad SAME_UPPER": convolution({ auto_pad: "SAME_UPPER" }, [4, 2, 4, 4]),
  "auto_pad SAME_LOWER": convolution({
    auto_pad: "SAME_LOWER",
    strides: [2, 2],
  }, [4, 2, 4, 4]),
  "auto_pad VALID": convolution({ auto_pad: "VALID", kernel_shape: [3, 3] }),
  "one group a channel": convolution({ group: 2, pads: [1, 1, 1, 1] }, [
    2,
    1,
    3,
    3,
  ]),
  "three outputs a channel": convolution({ group: 2, strides: [2, 2] }, [
    6,
    1,
    3,
    3,
  ]),
  "an image without channels to speak of": {
    ...convolution({}, [4, 1, 3, 3]),
    input: ["n", 1, 9, 8],
  },
  "batch normalisation behind a convolution": image(
    [CONV, [
      "BatchNormalization",
      ["c", "g", "b", "m", "v"],
      "n",
      { epsilon: { float: 0.01 } },
    ], ["Relu", ["n"], "a"]],
    4,
    { tensors: { ...KERNEL, ...normalisation(4) } },
  ),
  "batch normalisation before a padded convolution": image(
    [["BatchNormalization", ["x", "g", "b", "m", "v"], "n"], [
      "Conv",
      ["n", "w"],
      "a",
      { pads: [1, 1, 1, 1] },
    ]],
    4,
    { tensors: { ...KERNEL, ...normalisation(2) } },
  ),
  "batch normalisation of a flattened image": flattened([
    ["Flatten", ["c"], "f0"],
    ["BatchNormalization", ["f0", "g", "b", "m", "v"], "f"],
  ], normalisation(48)),
  "a leaky relu": behind("LeakyRelu", { alpha: { float: 0.3 } }),
  "a leaky relu of ONNX' own slope": behind("LeakyRelu"),
  "one slope for all": behind("PRelu", {}, {
    slope: { shape: [1], values: [0.2] },
  }),
  "an elu": behind("Elu"),
  "a sigmoid": behind("Sigmoid"),
  "a tanh": behind("Tanh"),
  "relu6 by inputs": behind("Clip", {}, { low: one(0), high: one(6) }),
  "relu6 by attributes": behind(
    "Clip",
    { min: { float: 0 }, max: { float: 6 } },
    {},
    9,
  ),
  "a clip with one end": behind("Clip", {}, { low: one(0) }),
  "max(x, 0)": behind("Max", {}, { zero: one(0) }),
  "x · sigmoid(x)": image(
    [CONV, ["Sigmoid", ["c"], "s"], ["Mul", ["s", "c"], "a"]],
    4,
    { tensors: KERNEL },
  ),
  "a maximum": pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2] }),
  "a padded maximum": pool("MaxPool", {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  "a maximum of windows beyond the end": pool("MaxPool", {
    kernel_shape: [2, 2],
    strides: [2, 2],
    ceil_mode: 1,
  }),
  "a maximum that strides by one": pool("MaxPool", { kernel_shape: [3, 2] }),
  "a mean": pool("AveragePool", { kernel_shape: [2, 2], strides: [2, 2] }),
  "a padded mean without the zeros": pool("AveragePool", {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  "a padded mean with the zeros": pool("AveragePool", {
    kernel_shape: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 1, 1],
    count_include_pad: 1,
  }),
  "a mean of windows beyond the end": pool("AveragePool", {
    kernel_shape: [2, 3],
    strides: [2, 2],
    pads: [0, 1, 0, 1],
    ceil_mode: 1,
  }),
  "as CNTK writes: a batch of a number, weights reshaped": {
    input: [5, 1, 8, 8],
    opset: 8,
    nodes: [
      ["Reshape", ["fc4", "kshape"], "k"],
      ["Conv", ["x", "w"], "c", {
        kernel_shape: [5, 5],
        strides: [1, 1],
        auto_pad: "SAME_UPPER",
        group: 1,
        dilations: [1, 1],
      }],
      ["Add", ["c", "b"], "p"],
      ["Relu", ["p"], "r"],
      ["MaxPool", ["r"], "m", {
        kernel_shape: [2, 2],
        strides: [2, 2],
        pads: [0, 0, 0, 0],
        auto_pad: "NOTSET",
      }],
      ["Reshape", ["m", "shape"], "f"],
      ["MatMul", ["f", "k"], "t"],
      ["Add", ["t", "d"], "y"],
    ],
    tensors: {
      fc4: draw(4, 4, 4, CLASSES),
      kshape: integers(64, CLASSES),
      w: draw(4, 1, 5, 5),
      b: draw(4, 1, 1),
      shape: integers(5, 64),
      d: draw(1, CLASSES),
    },
  },
  "zeros, and a mean that counts them": image(
    [
      CONV,
      ["Pad", ["c", "pads"], "p"],
      ["AveragePool", ["p"], "a", { kernel_shape: [3, 3], strides: [2, 2] }],
    ],
    4,
    { tensors: { ...KERNEL, pads: integers(0, 0, 1, 1, 0, 0, 1, 2) } },
  ),
  "zeros around an image before a convolution": image(
    [["Pad", ["x", "pads", "zero"], "p"], ["Conv", ["p", "w"], "a", {
      strides: [2, 2],
    }]],
    4,
    {
      tensors: {
        ...KERNEL,
        pads: integers(0, 0, 0, 1, 0, 0, 1, 2),
        zero: one(0),
      },
    },
  ),
  "a global maximum": {
    input: IMAGE,
    nodes: [
      CONV,
      ["GlobalMaxPool", ["c"], "m"],
      ["Flatten", ["m"], "f"],
      ["MatMul", ["f", "fc"], "z"],
      ["Add", ["z", "b"], "y"],
    ],
    tensors: { ...KERNEL, fc: draw(4, CLASSES), b: draw(CLASSES) },
  },
  "means of places": {
    input: IMAGE,
    nodes: [
      CONV,
      ["ReduceMean", ["c"], "m", { axes: [2, 3], keepdims: 0 }],
      ["MatMul", ["m", "fc"], "y"],
    ],
    tensors: { ...KERNEL, fc: draw(4, CLASSES) },
  },
  "maxima of places, by an input": {
    input: IMAGE,
    opset: 18,
    nodes: [
      CONV,
      ["ReduceMax", ["c", "axes"], "m"],
      ["Squeeze", ["m", "axes"], "f"],
      ["MatMul", ["f", "fc"], "y"],
    ],
    tensors: { ...KERNEL, axes: integers(-1, -2), fc: draw(4, CLASSES) },
  },
  "classes that are a convolution's channels": {
    input: IMAGE,
    nodes: [
      ["Conv", ["x", "w"], "c"],
      ["Relu", ["c"], "r"],
      ["GlobalAveragePool", ["r"], "m"],
      ["Conv", ["m", "v", "b"], "z"],
      ["Flatten", ["z"], "y"],
    ],
    tensors: { w: draw(4, 2, 3, 3), v: draw(CLASSES, 4, 1, 1), b: draw(3) },
  },
  "a flattened image": flattened([["Flatten", ["c"], "f"]]),
  "a reshaped image": flattened([["Reshape", ["c", "to"], "f"]], {
    to: integers(0, -1),
  }),
  "a reshaped image, its extents computed": flattened([
    ["Shape", ["c"], "shape"],
    ["Constant", [], "zero", {
      value: { tensor: { shape: [], values: [0], type: 7 } },
    }],
    ["Gather", ["shape", "zero"], "count", { axis: 0 }],
    ["Unsqueeze", ["count", "zeros"], "list"],
    ["Concat", ["list", "rest"], "to", { axis: 0 }],
    ["Reshape", ["c", "to"], "f"],
  ], { zeros: integers(0), rest: integers(-1) }),
  "a batch of a fixed number": flattened(
    [["Reshape", ["c", "to"], "f"]],
    { to: integers(5, 48) },
    { input: [5, 2, 5, 4] },
  ),
  "an activation behind the flattening": flattened([
    ["Flatten", ["c"], "f0"],
    ["Relu", ["f0"], "f"],
  ]),
  "numbers one each behind the flattening": flattened([
    ["Flatten", ["c"], "f0"],
    ["Mul", ["f0", "each"], "f1"],
    ["Add", ["more", "f1"], "f"],
  ], { each: draw(48), more: draw(1, 48) }),
  "a row that is an image again": flattened([
    ["Flatten", ["c"], "f0"],
    ["Reshape", ["f0", "to"], "c2"],
    ["MaxPool", ["c2"], "p", { kernel_shape: [1, 1] }],
    ["Flatten", ["p"], "f"],
  ], { to: integers(-1, 4, 4, 3) }),
  "channels last, turned at the beginning and the end, as tf2onnx writes": {
    input: ["n", 5, 4, 2],
    nodes: [
      ["Transpose", ["x"], "t", { perm: [0, 3, 1, 2] }],
      ["Conv", ["t", "w", "b"], "c", { auto_pad: "SAME_UPPER" }],
      ["Relu", ["c"], "r"],
      ["MaxPool", ["r"], "p", { kernel_shape: [2, 2], strides: [2, 2] }],
      ["Transpose", ["p"], "l", { perm: [0, 2, 3, 1] }],
      ["Reshape", ["l", "to"], "f"],
      ["MatMul", ["f", "fc"], "z"],
      ["Add", ["z", "d"], "s"],
      ["Softmax", ["s"], "y"],
    ],
    tensors: {
      w: draw(4, 2, 3, 3),
      b: draw(4),
      to: integers(-1, 16),
      fc: draw(16, CLASSES),
      d: draw(CLASSES),
    },
  },
  "one channel last, which is only reshaped": {
    input: ["n", 5, 4, 1],
    nodes: [
      ["Reshape", ["x", "first"], "t"],
      ["Conv", ["t", "w"], "c"],
      ["Transpose", ["c"], "l", { perm: [0, 2, 3, 1] }],
      ["Reshape", ["l", "to"], "f"],
      ["MatMul", ["f", "fc"], "y"],
    ],
    tensors: {
      first: integers(-1, 1, 5, 4),
      w: draw(4, 1, 2, 2),
      to: integers(-1, 48),
      fc: draw(48, CLASSES),
    },
  },
  "a dense layer at each place": {
    input: ["n", 5, 4, 2],
    nodes: [
      ["MatMul", ["x", "w"], "m"],
      ["Add", ["m", "b"], "s"],
      ["Relu", ["s"], "r"],
      ["ReduceMean", ["r"], "f", { axes: [1, 2], keepdims: 0 }],
      ["MatMul", ["f", "fc"], "y"],
    ],
    tensors: { w: draw(2, 4), b: draw(4), fc: draw(4, CLASSES) },
  },
  "colours flattened before anything reads them": {
    input: ["n", 3, 5, 4],
    nodes: [["Flatten", ["x"], "f"], ["Gemm", ["f", "w"], "y"]],
    tensors: { w: draw(60, CLASSES) },
  },
  "colours last flattened before anything reads them": {
    input: ["n", 5, 4, 3],
    nodes: [["Flatten", ["x"], "f"], ["Gemm", ["f", "w"], "y"]],
    tensors: { w: draw(60, CLASSES) },
  },
  "a row of pixels": {
    input: ["n", 16],
    nodes: [
      ["Gemm", ["x", "w", "b"], "h", {
        alpha: { float: 0.5 },
        beta: { float: 2 },
      }],
      ["Relu", ["h"], "r"],
      ["Dropout", ["r"], "d"],
      ["Identity", ["d"], "i"],
      ["Gemm", ["i", "v", "c"], "y", { transB: 1 }],
    ],
    tensors: {
      w: draw(16, 6),
      b: draw(1, 6),
      v: draw(CLASSES, 6),
      c: one(0.25),
    },
  },
  "a row of pixels that becomes an image": {
    input: ["n", 40],
    nodes: [
      ["Reshape", ["x", "to"], "i"],
      ["Conv", ["i", "w"], "c"],
      ["Flatten", ["c"], "f"],
      ["Gemm", ["f", "fc"], "y"],
    ],
    tensors: {
      to: integers(-1, 2, 5, 4),
      w: draw(4, 2, 2, 2),
      fc: draw(48, CLASSES),
    },
  },
  "an image without channels": {
    input: ["n", 5, 4],
    nodes: [
      ["Unsqueeze", ["x", "axes"], "i"],
      ["Conv", ["i", "w"], "c"],
      ["Flatten", ["c"], "f"],
      ["Gemm", ["f", "fc"], "y"],
    ],
    tensors: { axes: integers(1), w: draw(4, 1, 2, 2), fc: draw(48, CLASSES) },
  },
  "pixels normalised, channel by channel": image(
    [
      ["Sub", ["x", "mean"], "d"],
      ["Div", ["d", "deviation"], "i"],
      ["Conv", ["i", "w"], "a"],
    ],
    4,
    { tensors: { ...KERNEL, mean: draw(2, 1, 1), deviation: spread(2, 1, 1) } },
  ),
  "a number less what layers give": image(
    [CONV, ["Sub", ["two", "c"], "d"], ["Neg", ["d"], "e"], [
      "Mul",
      ["e", "half"],
      "a",
    ]],
    4,
    { tensors: { ...KERNEL, two: one(2), half: one(0.5) } },
  ),
  "residual sums": image(BLOCK, 4, { tensors: BLOCK_WEIGHTS() }),
  "residual sums within each other, and twice the same": image(
    [
      ...BLOCK.slice(0, -1),
      ["Conv", ["s", "w3"], "c3"],
      ["Sigmoid", ["c3"], "g3"],
      ["Mul", ["c3", "g3"], "m3"],
      ["Add", ["s", "m3"], "s3"],
      ["Add", ["r0", "s3"], "s4"],
      ["Add", ["s4", "s4"], "a"],
    ],
    4,
    { tensors: { ...BLOCK_WEIGHTS(), w3: draw(4, 4, 1, 1) } },
  ),
  "half floats": {
    input: ["n", 16],
    inputType: 1,
    nodes: [
      ["Cast", ["w16"], "w", { to: 1 }],
      ["Gemm", ["x", "w"], "y"],
    ],
    tensors: { w16: half(draw(16, CLASSES)) },
  },
  "weights of 8 bits": {
    input: ["n", 16],
    nodes: [
      ["DequantizeLinear", ["q", "scale", "zero"], "w", { axis: 1 }],
      ["MatMul", ["x", "w"], "y"],
    ],
    tensors: {
      q: {
        shape: [16, CLASSES],
        values: Array.from({ length: 48 }, (_, i) => (i * 37) % 256),
        type: 3,
      },
      scale: spread(CLASSES),
      zero: { shape: [CLASSES], values: [3, 255, 7], type: 3 },
    },
  },
  "weights turned and computed": {
    input: ["n", 16],
    nodes: [
      ["Transpose", ["w"], "t"],
      ["Mul", ["t", "two"], "m"],
      ["Reshape", ["m", "to"], "k"],
      ["MatMul", ["x", "k"], "y"],
    ],
    tensors: { w: draw(CLASSES, 16), two: one(2), to: integers(16, CLASSES) },
  },
  "numbers in the type's own field": {
    input: ["n", 16],
    nodes: [["Gemm", ["x", "w", "b"], "y"]],
    tensors: {
      w: { ...draw(16, CLASSES), typed: true },
      b: { ...draw(CLASSES), typed: true },
    },
  },
  "what nothing needs": {
    ...image([CONV, ["Selu", ["c"], "unused"], ["Relu", ["c"], "a"]], 4, {
      tensors: { ...KERNEL, unused2: draw(3) },
    }),
  },
};

for (
  const [what, operator, axis] of [
    ["a softmax", "Softmax", -1],
    ["a softmax of the second axis", "Softmax", 1],
    ["a log of a softmax", "LogSoftmax", 1],
  ] as const
) {
  const made = image([CONV, ["Relu", ["c"], "a"]], 4, { tensors: KERNEL });
  const nodes = made.nodes.map((node): MadeNode =>
    node[0] === "Gemm" ? ["Gemm", node[1], "z", node[3]] : node
  );
  LOADED[what] = {
    ...made,
    nodes: [...nodes, [operator, ["z"], "y", { axis }]],
  };
}

/**
 * GraphModels, as tensorflowjs_converter writes them of a network: those that are read.
 *
 * @module
 */
import {
  draw,
  type MadeGraph,
  type MadeNode,
  type MadeWeight,
  one,
  type Said,
  whole,
} from "./write_graph.ts";

export const CLASSES = 3;
const IMAGE = [-1, 9, 8, 2];

/** What a convolution says. */
export function conv(more: Record<string, Said> = {}): Record<string, Said> {
  return {
    strides: [1, 1, 1, 1],
    padding: "VALID",
    data_format: "NHWC",
    dilations: [1, 1, 1, 1],
    explicit_paddings: [],
    use_cudnn_on_gpu: true,
    ...more,
  };
}

/** What is fused to a layer. */
export function fuse(
  words: string[],
  more: Record<string, Said> = {},
): Record<string, Said> {
  return {
    fused_ops: { words },
    num_args: words.filter((w) => w === "BiasAdd" || w === "Prelu").length,
    leakyrelu_alpha: { float: 0.2 },
    epsilon: { float: 0 },
    ...more,
  };
}

/** What a pool says. */
export function pool(
  size: number,
  more: Record<string, Said> = {},
): Record<string, Said> {
  return {
    ksize: [1, size, size, 1],
    strides: [1, size, size, 1],
    padding: "VALID",
    data_format: "NHWC",
    ...more,
  };
}

const dense = (more: Record<string, Said> = {}) => ({
  transpose_a: false,
  transpose_b: false,
  ...more,
});

/** An end of `inputs` numbers a row: sums, and a softmax. */
function end(
  row: string,
  inputs: number,
): { nodes: MadeNode[]; weights: Record<string, MadeWeight> } {
  return {
    nodes: [
      [
        "m/dense/BiasAdd",
        "_FusedMatMul",
        [row, "m/dense/kernel", "m/dense/bias"],
        dense(fuse(["BiasAdd"])),
      ],
      ["m/dense/Softmax", "Softmax", ["m/dense/BiasAdd"]],
      ["Identity", "Identity", ["m/dense/Softmax"]],
    ],
    weights: {
      "m/dense/kernel": draw([inputs, CLASSES]),
      "m/dense/bias": draw([CLASSES]),
    },
  };
}

/** A graph of an image of 9×8×2, which `nodes` make one of `pixels` numbers, called `last`. */
function graph(
  nodes: MadeNode[],
  { weights = {}, pixels, input = IMAGE }: {
    weights?: Record<string, MadeWeight>;
    pixels: number;
    input?: number[];
  },
): MadeGraph {
  const last = nodes.at(-1)?.[0] ?? "x";
  const ending = end("m/flatten/Reshape", pixels);
  return {
    input,
    nodes: [
      ...nodes,
      ["m/flatten/Reshape", "Reshape", [last, "m/flatten/Const"]],
      ...ending.nodes,
    ],
    weights: {
      ...weights,
      "m/flatten/Const": whole(-1, pixels),
      ...ending.weights,
    },
  };
}

/** One operator on what a convolution of 4 channels gives: 7×6×4. */
export function behindConvolution(
  nodes: MadeNode[],
  more: { weights?: Record<string, MadeWeight>; pixels?: number } = {},
): MadeGraph {
  const { weights = {}, pixels = 168 } = more;
  return graph(
    [
      [
        "m/conv2d/BiasAdd",
        "_FusedConv2D",
        ["x", "m/conv2d/kernel", "m/conv2d/bias"],
        conv(fuse(["BiasAdd"])),
      ],
      ...nodes,
    ],
    {
      weights: {
        "m/conv2d/kernel": draw([3, 3, 2, 4]),
        "m/conv2d/bias": draw([4]),
        ...weights,
      },
      pixels,
    },
  );
}

/** What such a convolution is called. */
export const BEHIND = "m/conv2d/BiasAdd";

/** Activations that stock tfjs has fused. */
const FUSABLE = ["Relu", "Relu6", "Elu", "LeakyRelu", "Sigmoid", "Prelu"];

/** A convolution with a bias and `activation`, as one operator. */
function fusedGraph(
  operator: string,
  { activation, kernel, pixels }: {
    activation: string;
    kernel: number[];
    pixels: number;
  },
): MadeGraph {
  const isPrelu = activation === "Prelu";
  return graph([
    [
      "m/c/out",
      operator,
      ["x", "m/c/kernel", "m/c/bias", ...isPrelu ? ["m/alpha"] : []],
      conv(fuse(["BiasAdd", activation])),
    ],
  ], {
    weights: {
      "m/c/kernel": draw(kernel),
      "m/c/bias": draw([4]),
      ...isPrelu &&
        { "m/alpha": { shape: [1, 1, 4], values: Array(4).fill(0.25) } },
    },
    pixels,
  });
}

const FUSED: Record<string, MadeGraph> = Object.fromEntries([
  ...FUSABLE.map((activation) =>
    [
      `a convolution with a bias and ${activation}`,
      fusedGraph("_FusedConv2D", {
        activation,
        kernel: [3, 3, 2, 4],
        pixels: 168,
      }),
    ] as const
  ),
  // Stock tfjs forgets a depthwise one's slope on its CPU, and answers NaN.
  ...FUSABLE.filter((activation) => activation !== "LeakyRelu").map((
    activation,
  ) =>
    [
      `a depthwise convolution with a bias and ${activation}`,
      fusedGraph("FusedDepthwiseConv2dNative", {
        activation,
        kernel: [3, 2, 2, 2],
        pixels: 196,
      }),
    ] as const
  ),
]);

/** Activations as operators of their own. */
const ACTIVATIONS: Record<string, MadeGraph> = Object.fromEntries(
  ["Relu", "Relu6", "Elu", "Sigmoid", "Tanh"].map((activation) => [
    `${activation} as an operator`,
    behindConvolution([["m/act", activation, [BEHIND]]]),
  ]),
);

/** Flattening as older Keras writes it: by the shape of what is there. */
function flattenByShape(product: boolean): MadeGraph {
  const size: MadeNode[] = product
    ? [
      [
        "m/rest",
        "StridedSlice",
        ["m/shape", "m/one", "m/zero", "m/one"],
        { begin_mask: 0, end_mask: 1 },
      ],
      ["m/prod", "Prod", ["m/rest", "m/axis"], { keep_dims: false }],
      ["m/pack", "Pack", ["m/n", "m/prod"], { N: 2, axis: 0 }],
    ]
    : [["m/pack", "Pack", ["m/n", "m/minus"], { N: 2, axis: 0 }]];
  const ending = end("m/flat", 168);
  const made = behindConvolution([]);
  return {
    input: IMAGE,
    nodes: [
      ...made.nodes.slice(0, 1),
      ["m/shape", "Shape", [BEHIND], { out_type: { type: "DT_INT32" } }],
      [
        "m/n",
        "StridedSlice",
        ["m/shape", "m/zero", "m/one", "m/one"],
        {
          begin_mask: 0,
          end_mask: 0,
          ellipsis_mask: 0,
          new_axis_mask: 0,
          shrink_axis_mask: 1,
        },
      ],
      ...size,
      ["m/flat", "Reshape", [BEHIND, "m/pack"]],
      ...ending.nodes,
    ],
    weights: {
      ...made.weights,
      ...ending.weights,
      "m/zero": whole(0),
      "m/one": whole(1),
      "m/axis": whole(0),
      "m/minus": one(-1, "int32"),
    },
  };
}

/** GraphModels that are a row of layers. */
export const GRAPHS: Record<string, MadeGraph> = {
  ...FUSED,
  ...ACTIVATIONS,
  "Keras' network for digits": {
    input: [-1, 12, 12, 1],
    nodes: [
      [
        "m/conv2d/Relu",
        "_FusedConv2D",
        ["x", "m/conv2d/kernel", "m/conv2d/bias"],
        conv(fuse(["BiasAdd", "Relu"])),
      ],
      [
        "m/conv2d_1/Relu",
        "_FusedConv2D",
        ["m/conv2d/Relu", "m/conv2d_1/kernel", "m/conv2d_1/bias"],
        conv(fuse(["BiasAdd", "Relu"])),
      ],
      ["m/max_pooling2d/MaxPool", "MaxPool", ["m/conv2d_1/Relu"], pool(2)],
      [
        "m/flatten/Reshape",
        "Reshape",
        ["m/max_pooling2d/MaxPool", "m/flatten/Const"],
        { Tshape: { type: "DT_INT32" } },
      ],
      [
        "m/dense_1/Relu",
        "_FusedMatMul",
        ["m/flatten/Reshape", "m/dense_1/kernel", "m/dense_1/bias"],
        dense(fuse(["BiasAdd", "Relu"])),
      ],
      ...end("m/dense_1/Relu", 8).nodes,
    ],
    weights: {
      "m/conv2d/kernel": draw([3, 3, 1, 4]),
      "m/conv2d/bias": draw([4]),
      "m/conv2d_1/kernel": draw([3, 3, 4, 5]),
      "m/conv2d_1/bias": draw([5]),
      "m/flatten/Const": whole(-1, 80),
      "m/dense_1/kernel": draw([80, 8]),
      "m/dense_1/bias": draw([8]),
      ...end("", 8).weights,
    },
  },
  "operators that aren't fused": graph([
    ["m/c/Conv2D", "Conv2D", ["x", "m/c/kernel"], conv()],
    ["m/c/BiasAdd", "BiasAdd", ["m/c/Conv2D", "m/c/bias"], {
      data_format: "NHWC",
    }],
    ["m/d/depthwise", "DepthwiseConv2dNative", ["m/c/BiasAdd", "m/d/kernel"], {
      strides: [1, 1, 1, 1],
      padding: "SAME",
      data_format: "NHWC",
      dilations: [1, 1, 1, 1],
      explicit_paddings: [],
    }],
    ["m/relu", "Relu", ["m/d/depthwise"]],
  ], {
    weights: {
      "m/c/kernel": draw([3, 3, 2, 4]),
      "m/c/bias": draw([4]),
      "m/d/kernel": draw([3, 3, 4, 1]),
    },
    pixels: 168,
  }),
  "strides, dilations and zeros around": graph([
    [
      "m/a",
      "Conv2D",
      ["x", "m/ka"],
      conv({ strides: [1, 2, 1, 1], padding: "SAME" }),
    ],
    [
      "m/b",
      "Conv2D",
      ["m/a", "m/kb"],
      conv({ dilations: [1, 2, 1, 1], padding: "SAME" }),
    ],
    ["m/c", "Conv2D", ["m/b", "m/kc"], {
      ...conv({ padding: "EXPLICIT" }),
      explicit_paddings: [0, 0, 1, 0, 2, 1, 0, 0],
    }],
  ], {
    weights: {
      "m/ka": draw([3, 2, 2, 4]),
      "m/kb": draw([3, 3, 4, 3]),
      "m/kc": draw([3, 3, 3, 2]),
    },
    pixels: 4 * 9 * 2,
  }),
  "a pad before a convolution": graph([
    ["m/pad/Pad", "Pad", ["x", "m/pad/paddings"], {
      Tpaddings: { type: "DT_INT32" },
    }],
    ["m/a", "Conv2D", ["m/pad/Pad", "m/ka"], conv({ strides: [1, 2, 2, 1] })],
    ["m/act", "Relu", ["m/a"]],
    ["m/pad2/Pad", "PadV2", ["m/act", "m/pad2/paddings", "m/nought"]],
    ["m/pool", "MaxPool", ["m/pad2/Pad"], pool(2)],
  ], {
    weights: {
      "m/pad/paddings": {
        shape: [4, 2],
        values: [0, 0, 0, 1, 0, 2, 0, 0],
        dtype: "int32",
      },
      "m/pad2/paddings": {
        shape: [4, 2],
        values: [0, 0, 0, 0, 1, 1, 0, 0],
        dtype: "int32",
      },
      "m/nought": one(0),
      "m/ka": draw([3, 3, 2, 4]),
    },
    pixels: 2 * 3 * 4,
  }),
  "padded columns alone": graph([
    ["m/pad/Pad", "Pad", ["x", "m/pad/paddings"]],
    ["m/a", "Conv2D", ["m/pad/Pad", "m/ka"], conv()],
  ], {
    weights: {
      "m/pad/paddings": {
        shape: [4, 2],
        values: [0, 0, 0, 0, 1, 0, 0, 0],
        dtype: "int32",
      },
      "m/ka": draw([3, 3, 1, 4]),
    },
    pixels: 168 - 7 * 4 + 7 * 4,
    input: [-1, 9, 7, 1],
  }),
  "pools of each kind": behindConvolution([
    [
      "m/p",
      "MaxPool",
      [BEHIND],
      { ...pool(3), strides: [1, 1, 2, 1], padding: "SAME" },
    ],
    [
      "m/q",
      "AvgPool",
      ["m/p"],
      { ...pool(2), strides: [1, 2, 1, 1], padding: "SAME" },
    ],
    ["m/r", "AvgPool", ["m/q"], pool(1)],
  ], { pixels: 4 * 3 * 4 }),
  "a global mean": {
    ...behindConvolution([]),
    ...(() => {
      const made = behindConvolution([]);
      const ending = end("m/gap/Mean", 4);
      return {
        nodes: [
          ...made.nodes.slice(0, 1),
          ["m/gap/Mean", "Mean", [BEHIND, "m/gap/axes"], {
            keep_dims: false,
            Tidx: { type: "DT_INT32" },
          }] as MadeNode,
          ...ending.nodes,
        ],
        weights: {
          ...made.weights,
          ...ending.weights,
          "m/gap/axes": whole(1, 2),
        },
      };
    })(),
  },
  "a global maximum that keeps its axes": behindConvolution([
    ["m/gmp/Max", "Max", [BEHIND, "m/gmp/axes"], { keep_dims: true }],
  ], { weights: { "m/gmp/axes": whole(-3, -2) }, pixels: 4 }),
  "axes squeezed away": behindConvolution([
    ["m/gmp/Mean", "Mean", [BEHIND, "m/gmp/axes"], { keep_dims: true }],
    ["m/squeeze", "Squeeze", ["m/gmp/Mean"], { squeeze_dims: [1, 2] }],
  ], { weights: { "m/gmp/axes": whole(1, 2) }, pixels: 4 }),
  "batch normalisation": behindConvolution([
    [
      "m/bn/FusedBatchNormV3",
      "FusedBatchNormV3",
      [BEHIND, ...["gamma", "beta", "mean", "variance"].map((w) => `m/${w}`)],
      {
        epsilon: { float: 0.01 },
        is_training: false,
        data_format: "NHWC",
        exponential_avg_factor: { float: 1 },
        U: { type: "DT_FLOAT" },
      },
    ],
    ["m/act", "LeakyRelu", ["m/bn/FusedBatchNormV3:0"], {
      alpha: { float: 0.30000001192092896 },
    }],
  ], {
    weights: {
      "m/gamma": draw([4]),
      "m/beta": draw([4]),
      "m/mean": draw([4]),
      "m/variance": { shape: [4], values: [0.5, 1, 2, 0.25] },
    },
  }),
  "normalisation as products and sums": behindConvolution([
    ["m/add", "AddV2", ["m/variance", "m/epsilon"]],
    ["m/rsqrt", "Rsqrt", ["m/add"]],
    ["m/scale", "Mul", ["m/rsqrt", "m/gamma"]],
    ["m/mul", "Mul", [BEHIND, "m/scale"]],
    ["m/sub", "Sub", ["m/mul", "m/mean"]],
    ["m/act", "Relu", ["m/sub"]],
    ["m/shift", "AddV2", ["m/mean", "m/act"]],
  ], {
    weights: {
      "m/gamma": draw([4]),
      "m/mean": draw([4]),
      "m/variance": { shape: [4], values: [0.5, 1, 2, 0.25] },
      "m/epsilon": one(0.001),
    },
  }),
  "pixels that are scaled first": graph([
    ["m/cast", "Cast", ["x"], {
      SrcT: { type: "DT_FLOAT" },
      DstT: { type: "DT_FLOAT" },
      Truncate: false,
    }],
    ["m/sub", "Sub", ["m/cast", "m/mean"]],
    ["m/div", "RealDiv", ["m/sub", "m/deviation"]],
    ["m/a", "Conv2D", ["m/div", "m/ka"], conv()],
  ], {
    weights: {
      "m/mean": draw([1, 1, 1, 2]),
      "m/deviation": { shape: [2], values: [0.3, 0.5] },
      "m/ka": draw([3, 3, 2, 4]),
    },
    pixels: 168,
  }),
  "a residual sum": behindConvolution([
    [
      "m/r/Relu",
      "_FusedConv2D",
      [BEHIND, "m/r/kernel", "m/r/bias"],
      conv({ ...fuse(["BiasAdd", "Relu"]), padding: "SAME" }),
    ],
    ["m/s/Conv2D", "Conv2D", ["m/r/Relu", "m/s/kernel"], {
      ...conv({ padding: "SAME" }),
    }],
    ["m/add/add", "AddV2", ["m/s/Conv2D", BEHIND]],
    ["m/act", "Relu", ["m/add/add"]],
  ], {
    weights: {
      "m/r/kernel": draw([3, 3, 4, 4]),
      "m/r/bias": draw([4]),
      "m/s/kernel": draw([3, 3, 4, 4]),
    },
  }),
  "a swish, as Keras' gradient has it": behindConvolution([
    ["m/beta", "Mul", ["m/one", BEHIND]],
    ["m/sig", "Sigmoid", ["m/beta"]],
    ["m/mul", "Mul", ["m/beta", "m/sig"]],
    ["m/both", "IdentityN", ["m/mul", BEHIND], {
      T: { raw: { list: { type: ["DT_FLOAT", "DT_FLOAT"] } } },
      _gradient_op_type: "CustomGradient-12",
    }],
    ["m/out", "Identity", ["m/both"]],
  ], { weights: { "m/one": one(1) } }),
  "a flatten by its shape": flattenByShape(false),
  "a flatten by its shape's product": flattenByShape(true),
  "a row of pixels": {
    input: [-1, 81],
    nodes: [
      ["m/h", "MatMul", ["x", "m/kh"], dense({ transpose_b: true })],
      ["m/b", "BiasAdd", ["m/h", "m/bh"]],
      ["m/act", "Tanh", ["m/b"]],
      ...end("m/act", 5).nodes,
    ],
    weights: {
      "m/kh": draw([5, 81]),
      "m/bh": draw([5]),
      ...end("", 5).weights,
    },
  },
  "a row that becomes an image": {
    ...graph([
      ["m/reshape", "Reshape", ["x", "m/shape"]],
      ["m/a", "Conv2D", ["m/reshape", "m/ka"], conv()],
    ], {
      weights: { "m/shape": whole(-1, 9, 8, 2), "m/ka": draw([3, 3, 2, 4]) },
      pixels: 168,
      input: [-1, 144],
    }),
  },
  "an image without channels": {
    ...graph([
      ["m/expand", "ExpandDims", ["x", "m/axis"], {
        Tdim: { type: "DT_INT32" },
      }],
      ["m/a", "Conv2D", ["m/expand", "m/ka"], conv()],
    ], {
      weights: { "m/axis": one(-1, "int32"), "m/ka": draw([3, 3, 1, 4]) },
      pixels: 168,
      input: [-1, 9, 8],
    }),
  },
  "an image of wide channels, flattened": graph([], {
    pixels: 3 * 3 * 5,
    input: [-1, 3, 3, 5],
  }),
  "channels turned first and back": behindConvolution([
    ["m/first", "Transpose", [BEHIND, "m/forth"]],
    ["m/act", "Relu", ["m/first"]],
    ["m/last", "Transpose", ["m/act", "m/back"]],
  ], {
    weights: { "m/forth": whole(0, 3, 1, 2), "m/back": whole(0, 2, 3, 1) },
  }),
  "channels turned first, then flattened": behindConvolution([
    ["m/first", "Transpose", [BEHIND, "m/forth"]],
  ], { weights: { "m/forth": whole(0, 3, 1, 2) } }),
  "bounds as minimum and maximum": behindConvolution([
    ["m/least", "Maximum", [BEHIND, "m/nought"]],
    ["m/most", "Minimum", ["m/least", "m/six"]],
  ], { weights: { "m/nought": one(0), "m/six": one(6) } }),
  "a clip": behindConvolution([
    ["m/clip", "ClipByValue", [BEHIND, "m/nought", "m/six"]],
  ], { weights: { "m/nought": one(0), "m/six": one(6) } }),
  "log-probabilities": (() => {
    const made = behindConvolution([]);
    return {
      ...made,
      nodes: [
        ...made.nodes.slice(0, -2),
        ["m/log", "LogSoftmax", ["m/dense/BiasAdd"]] as MadeNode,
      ],
    };
  })(),
  "logits": (() => {
    const made = behindConvolution([]);
    return { ...made, nodes: made.nodes.slice(0, -2) };
  })(),
  "no signature": { ...behindConvolution([]), outputs: null },
  "nodes in no order": (() => {
    const made = behindConvolution([["m/act", "Relu", [BEHIND]]]);
    return { ...made, nodes: made.nodes.toReversed(), outputs: ["Identity"] };
  })(),
  "what nobody needs": (() => {
    const made = behindConvolution([]);
    return {
      ...made,
      nodes: [
        ["m/far", "ResizeBilinear", ["x"]] as MadeNode,
        ...made.nodes.map(([name, operator, inputs = [], more]): MadeNode => [
          name,
          operator,
          name === "Identity" ? [...inputs, "^m/idle"] : inputs,
          more,
        ]),
        ["m/idle", "NoOp"] as MadeNode,
      ],
      outputs: ["Identity"],
    };
  })(),
  ...Object.fromEntries(
    (["uint8", "uint16", "float16"] as const).map((quantized) => {
      const made = behindConvolution([["m/act", "Relu", [BEHIND]]]);
      return [`weights of ${quantized}`, {
        ...made,
        weights: Object.fromEntries(
          Object.entries(made.weights ?? {}).map(([name, weight]) => [
            name,
            weight.dtype === "int32" ? weight : { ...weight, quantized },
          ]),
        ),
      }];
    }),
  ),
};

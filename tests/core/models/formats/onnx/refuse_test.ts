/**
 * ONNX files that no row of our layers computes, that are damaged, or that were made to
 * harm: each is refused in words that name the node or tensor, before anything large is
 * allocated.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { serveFolder } from "../../serve_folder.ts";
import { draw, integers, one } from "./made_models.ts";
import {
  field,
  join,
  type Made,
  type MadeNode,
  type Stored,
  varint,
  writeModel,
} from "./write_model.ts";

const KERNEL = draw(4, 2, 3, 3);
const FC = draw(4, 3);
const END: MadeNode[] = [
  ["GlobalAveragePool", ["a"], "means"],
  ["Flatten", ["means"], "flat"],
  ["MatMul", ["flat", "fc"], "y"],
];

/** A model of images of 9×8×2, whose `nodes` give `a` of 4 channels. */
function image(
  nodes: MadeNode[],
  tensors: Record<string, Stored> = {},
  more: Partial<Made> = {},
): Made {
  return {
    input: ["n", 2, 9, 8],
    ...more,
    nodes: [...nodes, ...END],
    tensors: { w: KERNEL, fc: FC, ...tensors },
  };
}

/** One operator behind a convolution. */
const behind = (
  operator: string,
  attributes: MadeNode[3] = {},
  tensors: Record<string, Stored> = {},
) =>
  image([
    ["Conv", ["x", "w"], "c", {}],
    [operator, ["c", ...Object.keys(tensors)], "a", attributes],
  ], tensors);

const convolution = (
  attributes: MadeNode[3],
  kernel: Stored = KERNEL,
): Made => image([["Conv", ["x", "w"], "a", attributes]], { w: kernel });

/** A row of 16 pixels, whose `nodes` give `y`. */
const row = (
  nodes: MadeNode[],
  tensors: Record<string, Stored> = {},
  more: Partial<Made> = {},
): Made => ({ input: ["n", 16], nodes, tensors, ...more });

const gemm = (weights: Partial<Stored>, more: Partial<Made> = {}): Made =>
  row([["Gemm", ["x", "w"], "y"]], { w: { ...draw(16, 3), ...weights } }, more);

const two = (attributes: MadeNode[3] = {}): Made =>
  row([["Gemm", ["x", "w", "b"], "y", attributes]], {
    w: draw(16, 3),
    b: draw(3),
  });

/** Models that no row computes, and a piece of the words. */
const REFUSED: Record<string, [Made, string]> = {
  "an operator that isn't known": [
    behind("HardSwish"),
    "node a (HardSwish) must be an operator that Retort has as a layer: it has Conv,",
  ],
  "an input more than a relu has": [
    behind("Relu", {}, { more: one(1) }),
    "node a (Relu) must have at most 1 input: it has 2",
  ],
  "an input more than a convolution has": [
    image([["Conv", ["x", "w", "b", "b"], "a"]], { b: draw(4) }),
    "node a (Conv) must have at most 3 inputs: it has 4",
  ],
  "an operator named after what every object has": [
    behind("constructor"),
    "node a (constructor) must be an operator",
  ],
  "an operator of another domain": [
    image([["Conv", ["x", "w"], "a"]], {}, { domain: "com.microsoft" }),
    "(com.microsoft.Conv) must be an operator",
  ],
  "a loop": [behind("Loop"), "node a (Loop) must be an operator"],
  "a transposed convolution": [
    behind("ConvTranspose", {}, { v: draw(4, 4, 2, 2) }),
    "node a (ConvTranspose) must be an operator",
  ],
  "activations rounded to 8 bits": [
    behind("QuantizeLinear", {}, { scale: one(1), zero: one(0) }),
    "node a (QuantizeLinear) must be an operator",
  ],
  "an attribute that isn't known": [
    convolution({ activation: "Relu" }),
    "node a (Conv) must say no more than is read: it says activation",
  ],
  "an attribute of another kind": [
    convolution({ group: "2" }),
    "node a (Conv) must have one number as group",
  ],
  "grouped convolutions": [
    image([["Conv", ["x", "w0"], "c"], ["Conv", ["c", "v"], "a", {
      group: 2,
    }]], { w0: KERNEL, v: draw(4, 2, 2, 2) }),
    "node a (Conv) must have one group of channels, or one a channel: it has 2 of 4",
  ],
  "a kernel of other channels": [
    convolution({}, draw(4, 3, 3, 3)),
    "node a (Conv) must read as many channels as its kernel: 2, and it has 3",
  ],
  "a kernel of three axes": [
    convolution({}, draw(4, 2, 3)),
    "node a (Conv) must have a kernel of rows and columns: its shape is 4×2×3",
  ],
  "a kernel other than it says": [
    convolution({ kernel_shape: [5, 5] }),
    "node a (Conv) must have the kernel that it says: 5×5, not 3×3",
  ],
  "pads below 0": [
    convolution({ pads: [0, 0, -1, 0] }),
    "node a (Conv) must have four pads of 0 or more: they are 0,0,-1,0",
  ],
  "two pads": [
    convolution({ pads: [1, 1] }),
    "node a (Conv) must have four pads",
  ],
  "strides of 0": [
    convolution({ strides: [0, 1] }),
    "node a (Conv) must have windows, strides and dilations of at least 1",
  ],
  "strides beyond any image": [
    convolution({ strides: [2 ** 40, 1] }),
    "stride must be an integer from 1 to 65536",
  ],
  "windows that don't fit": [
    convolution({ dilations: [9, 9] }),
    "node a (Conv) must have windows that fit its image of 9×8: they are 3×3",
  ],
  "weights that layers give": [
    image([["Relu", ["x"], "r"], ["Conv", ["x", "r"], "a"]]),
    "node a (Conv) must have weights as input 2: it reads what layers give",
  ],
  "no weights": [
    image([["Conv", ["x"], "a"]]),
    "node a (Conv) must have weights as input 2: it has none",
  ],
  "rows and columns exchanged": [
    image([
      ["Transpose", ["x"], "t", { perm: [0, 1, 3, 2] }],
      [
        "Conv",
        ["x", "w"],
        "c",
      ],
      ["Transpose", ["c"], "d", { perm: [0, 1, 3, 2] }],
      [
        "Conv",
        ["d", "v"],
        "a",
      ],
    ], { v: draw(4, 4, 2, 2) }),
    "node a (Conv) must read [n, channels, height, width], rows before columns: its input is n×4×6×7",
  ],
  "images exchanged with channels": [
    image([["Transpose", ["x"], "t", { perm: [1, 0, 2, 3] }], [
      "Conv",
      ["t", "w"],
      "a",
    ]]),
    "node t (Transpose) must leave the images apart: its perm is 1,0,2,3",
  ],
  "a pool with gaps": [
    behind("MaxPool", { kernel_shape: [2, 2], dilations: [2, 2] }),
    "node a (MaxPool) must have windows without gaps",
  ],
  "indices of maxima": [
    image([
      ["Conv", ["x", "w"], "c"],
      ["MaxPool", ["c"], ["p", "q"], { kernel_shape: [2, 2] }],
      ["Relu", ["q"], "a"],
    ]),
    "node a (Relu) must read what Retort reads: q is a second output",
  ],
  "a maximum of rows alone": [
    behind("ReduceMax", { axes: [2] }),
    "node a (ReduceMax) must go by an image's rows and columns: it goes by 2",
  ],
  "a mean of nothing said": [
    behind("ReduceMean"),
    "node a (ReduceMean) must go by an image's rows and columns",
  ],
  "normalisation as in training": [
    behind("BatchNormalization", { training_mode: 1 }, {
      g: draw(4),
      b: draw(4),
      m: draw(4),
      v: draw(4),
    }),
    "node a (BatchNormalization) must be as in use, not as in training",
  ],
  "normalisation of other channels": [
    behind("BatchNormalization", {}, {
      g: draw(3),
      b: draw(4),
      m: draw(4),
      v: draw(4),
    }),
    "node a (BatchNormalization) must have 4 of each weight: one has 3",
  ],
  "a variance below 0": [
    behind("BatchNormalization", {}, {
      g: draw(4),
      b: draw(4),
      m: draw(4),
      v: { shape: [4], values: [1, 1, -1, 1] },
    }),
    "every weight must be finite",
  ],
  "a clip that ends elsewhere": [
    behind("Clip", {}, { low: one(-1), high: one(1) }),
    "node a (Clip) must begin at 0, and end at 6 or nowhere: it goes from -1 to 1",
  ],
  "min(x, 6) of anything": [
    behind("Min", {}, { high: one(6) }),
    "node a (Min) must be max(x, 0), or min(x, 6) behind it",
  ],
  "a slope above 1": [
    behind("LeakyRelu", { alpha: { float: 2 } }),
    "node a (LeakyRelu) must have a slope above 0 and below 1: it has 2",
  ],
  "a slope a channel": [
    behind("PRelu", {}, { slope: draw(4, 1, 1) }),
    "node a (PRelu) must have one slope: it has several",
  ],
  "an elu of another alpha": [
    behind("Elu", { alpha: { float: 0.5 } }),
    "node a (Elu) must have an alpha of 1: it has 0.5",
  ],
  "a number for each place": [
    behind("Add", {}, { each: draw(4, 7, 6) }),
    "node a (Add) must go by one number, or one a channel: 4×7×6 beside n×4×7×6",
  ],
  "a number for each image": [
    behind("Add", {}, { each: draw(5, 1, 1, 1) }),
    "node a (Add) must go by one number, or one a channel",
  ],
  "numbers that make the image larger": [
    behind("Add", {}, { each: draw(1, 1, 1, 1, 4) }),
    "node a (Add) must go by one number, or one a channel",
  ],
  "a number that makes the image a list of images": [
    behind("Add", {}, { each: { shape: [1, 1, 1, 1, 1], values: [1] } }),
    "node a (Add) must go by one number, or one a channel",
  ],
  "a division by 0": [
    behind("Div", {}, { zero: one(0) }),
    "node a (Div) must divide by more than 0",
  ],
  "a division of a number": [
    image([["Conv", ["x", "w"], "c"], ["Div", ["w1", "c"], "a"]], {
      w1: one(1),
    }),
    "node a (Div) must divide by numbers from the file",
  ],
  "a product of what layers give": [
    image([["Conv", ["x", "w"], "c"], ["Relu", ["c"], "r"], [
      "Mul",
      ["c", "r"],
      "a",
    ]]),
    "node a (Mul) must multiply by numbers from the file, or x by sigmoid(x)",
  ],
  "two ways that meet": [
    image([["Conv", ["x", "w"], "c"], ["Conv", ["x", "w"], "d"], [
      "Add",
      ["c", "d"],
      "a",
    ]]),
    "node a (Add) must add what some layers make to what they read: both come by layers of their own",
  ],
  "a sum of other shapes": [
    image([["Conv", ["x", "w"], "c"], ["Conv", ["c", "v"], "d"], [
      "Add",
      ["c", "d"],
      "a",
    ]], { v: draw(4, 4, 2, 2) }),
    "node a (Add) must add what has one shape: n×4×7×6 and n×4×6×5",
  ],
  "a sum of what was turned": [
    {
      input: ["n", 4, 4, 4],
      nodes: [
        ["Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1] }],
        ["Transpose", ["c"], "t", { perm: [0, 1, 3, 2] }],
        ["Add", ["c", "t"], "a"],
        ...END,
      ],
      tensors: { w: draw(4, 4, 3, 3), fc: FC },
    },
    "node a (Add) must add what lies alike",
  ],
  "x times the sigmoid of x turned": [
    {
      input: ["n", 4, 4, 4],
      nodes: [
        ["Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1] }],
        ["Sigmoid", ["c"], "s"],
        ["Transpose", ["s"], "t", { perm: [0, 1, 3, 2] }],
        ["Mul", ["c", "t"], "a"],
        ...END,
      ],
      tensors: { w: draw(4, 4, 3, 3), fc: FC },
    },
    "node a (Mul) must multiply by numbers from the file, or x by sigmoid(x)",
  ],
  "a sum of an input and what it is turned": [
    {
      input: ["n", 3, 4, 4],
      nodes: [
        ["Transpose", ["x"], "t", { perm: [0, 1, 3, 2] }],
        ["Add", ["x", "t"], "s"],
        ["Flatten", ["s"], "f"],
        ["MatMul", ["f", "fc"], "y"],
      ],
      tensors: { fc: draw(48, 3) },
    },
    "node s (Add) must add what lies alike",
  ],
  "a row, scaled number by number, that is an image again": [
    image([
      ["Conv", ["x", "w"], "c"],
      ["Flatten", ["c"], "r"],
      ["Mul", ["r", "each"], "s"],
      ["Reshape", ["s", "to"], "a"],
    ], { each: draw(168), to: integers(-1, 4, 7, 6) }),
    "node means (GlobalAveragePool) must read [n, channels, height, width]",
  ],
  "zeros that are the largest": [
    image([["Conv", ["x", "w"], "c"], ["Pad", ["c", "pads"], "p"], [
      "MaxPool",
      ["p"],
      "a",
      { kernel_shape: [2, 2] },
    ]], { pads: integers(0, 0, 1, 1, 0, 0, 1, 1) }),
    "must be followed by a convolution or a maximum",
  ],
  "a frame of ones": [
    behind("Pad", {}, {
      pads: integers(0, 0, 1, 1, 0, 0, 1, 1),
      fill: one(1),
    }),
    "node a (Pad) must add zeros: it adds 1",
  ],
  "a frame that mirrors": [
    behind("Pad", { mode: "reflect" }, {
      pads: integers(0, 0, 1, 1, 0, 0, 1, 1),
    }),
    "node a (Pad) must add zeros: it adds reflect",
  ],
  "zeros among channels": [
    behind("Pad", {}, { pads: integers(0, 1, 0, 0, 0, 0, 0, 0) }),
    "node a (Pad) must lie around an image",
  ],
  "channels of two images in one": [
    behind("Reshape", {}, { to: integers(-1, 8, 7, 6) }),
    "node a (Reshape) must keep the images apart",
  ],
  "a shape of other numbers": [
    behind("Reshape", {}, { to: integers(0, 4, 6, 6) }),
    "node a (Reshape) must keep the images apart, and all numbers of each: it makes 0×4×6×6 of n×4×7×6",
  ],
  "a shape that shuffles": [
    behind("Reshape", {}, { to: integers(0, 6, 7, 4) }),
    "node a (Reshape) must make a row of an image",
  ],
  "a shape of no whole numbers": [
    behind("Reshape", {}, { to: { shape: [2], values: [0.5, 3] } }),
    "node a (Reshape) must keep the images apart",
  ],
  "images in one row": [
    behind("Flatten", { axis: 0 }),
    "node a (Flatten) must flatten each image by itself: its axis is 0",
  ],
  "an axis that isn't there": [
    behind("Flatten", { axis: 9 }),
    "node a (Flatten) must go by an axis of 4: it goes by 9",
  ],
  "a softmax of rows": [
    image([["Conv", ["x", "w"], "c"], ["Softmax", ["c"], "a", { axis: 2 }]]),
    "node a (Softmax) must go by the classes: it goes by axis 2 of n×4×7×6",
  ],
  "a layer behind the softmax": [
    row([["Gemm", ["x", "w"], "h"], ["Softmax", ["h"], "s"], [
      "Gemm",
      ["s", "v"],
      "y",
    ]], { w: draw(16, 3), v: draw(3, 3) }),
    "must stand before the softmax, which comes last",
  ],
  "a log of anything": [
    behind("Log"),
    "node a (Log) must be of probabilities, at the end",
  ],
  "whole numbers": [
    behind("Cast", { to: 6 }),
    "node a (Cast) must keep fractions: it casts to type 6",
  ],
  "a transposed input": [
    two({ transA: 1 }),
    "node y (Gemm) must read its rows as they are: its transA is not 0",
  ],
  "a matrix of other rows": [
    gemm(draw(15, 3)),
    "node y (Gemm) must read 15 numbers, as its weights do: its input is n×16",
  ],
  "a matrix of three axes": [
    row([["MatMul", ["x", "w"], "y"]], { w: draw(16, 3, 1) }),
    "node y (MatMul) must have a matrix of weights: its shape is 16×3×1",
  ],
  "a bias of other units": [
    row([["Gemm", ["x", "w", "b"], "y"]], { w: draw(16, 3), b: draw(4) }),
    "node y (Gemm) must add 3 numbers: it adds 4",
  ],
  "weights times what layers give": [
    row([["MatMul", ["w", "x"], "y"]], { w: draw(3, 16) }),
    "node y (MatMul) must multiply what layers give by weights",
  ],
  "one class": [gemm(draw(16, 1)), "2 or more classes"],
  "an image of answers": [
    {
      input: ["n", 2, 9, 8],
      nodes: [["Conv", ["x", "w"], "y"]],
      tensors: {
        w: KERNEL,
      },
    },
    "its output must be one number a class",
  ],
  "two outputs": [
    gemm({}, { outputs: ["y", "x"] }),
    "its graph must have one output: it has y, x",
  ],
  "no output": [
    gemm({}, { outputs: [] }),
    "its graph must have one output: it has none",
  ],
  "two inputs": [
    row([["Add", ["x", "z"], "s"], ["Gemm", ["s", "w"], "y"]], {
      w: draw(16, 3),
    }, { moreInputs: ["z"] }),
    "its graph must have one input: its output depends on x, z",
  ],
  "an output of weights": [
    row([["Identity", ["w"], "y"]], { w: draw(3) }),
    "its graph must have one input: its output depends on none",
  ],
  "nodes in a circle": [
    image([["Add", ["x", "b"], "a0"], ["Relu", ["a0"], "b"], [
      "Conv",
      ["b", "w"],
      "a",
    ]]),
    "node a0 (Add) must read what is there before it: b isn't, or is made of its own output",
  ],
  "a node that reads itself": [
    image([["Add", ["x", "a"], "a"]]),
    "node a (Add) must read what is there before it: a isn't",
  ],
  "one name twice": [
    image([["Relu", ["x"], "a"], ["Conv", ["x", "w"], "a"]]),
    "node a (Conv) must give a name of its own: a is there already",
  ],
  "an input of any size": [
    gemm({}, { input: ["n", "pixels"] }),
    "an extent of its input x must be a number from 1 to 16777216: found none; give it one size",
  ],
  "an input beyond any picture": [
    gemm({}, { input: ["n", 2 ** 40] }),
    "an extent of its input x must be a number from 1 to 16777216: found 1099511627776",
  ],
  "an input of one number": [
    gemm({}, { input: ["n"] }),
    "its input x must be [n, pixels]",
  ],
  "an input of five axes": [
    gemm({}, { input: ["n", 1, 2, 2, 4] }),
    "its input x must be [n, pixels]",
  ],
  "an input of texts": [
    gemm({}, { inputType: 8 }),
    "its input x must be floats, or pixels as bytes: its type is 8",
  ],
  "weights of a type that isn't known": [
    gemm({ type: 17 }),
    "tensor w must hold floats of 16, 32 or 64 bits or whole numbers: its data_type is 17",
  ],
  "weights of 8 bits, without a scale": [
    gemm({ type: 3 }),
    "node y (Gemm) must read floats: what it reads is whole numbers",
  ],
  "weights of no type": [gemm({ type: 0 }), "its data_type is 0"],
  "weights fewer than their shape says": [
    gemm({ shape: [16, 4] }),
    "tensor w must hold 64 numbers, as its shape says: it holds 48",
  ],
  "weights of more numbers than memory has": [
    gemm({ shape: [2 ** 31, 2 ** 20], values: [1] }),
    "tensor w must hold 2251799813685248 numbers, as its shape says: it holds 1",
  ],
  "weights of extents below 0": [
    gemm({ shape: [-16, -3] }),
    "tensor w must have a shape of whole numbers: it has -16×-3",
  ],
  "weights of nine axes": [
    gemm({ shape: Array(9).fill(1), values: [1] }),
    "a list in it must have at most 8 members",
  ],
  "a weight that is NaN": [
    gemm({ values: Array(48).fill(NaN) }),
    "every weight must be finite: number 0 of w is NaN",
  ],
  "weights larger than the file by being used often": [
    image(
      Array.from({ length: 400 }, (_, i): MadeNode => [
        "Conv",
        [i === 0 ? "x" : `c${i}`, i === 0 ? "w" : "v"],
        i === 399 ? "a" : `c${i + 1}`,
        { pads: [32, 32, 32, 32] },
      ]),
      { v: draw(4, 4, 65, 65) },
    ),
    "its layers must hold at most four numbers for each byte of the file",
  ],
  "shapes that grow beyond the file": [
    row([
      ["Add", ["a", "b"], "w"],
      ["MatMul", ["x", "w"], "y"],
    ], { a: draw(60_000, 1), b: draw(1, 60_000) }),
    "its layers must hold at most four numbers for each byte of the file",
  ],
  "a computation of weights that isn't known": [
    row([["Erf", ["w"], "v"], ["MatMul", ["x", "v"], "y"]], {
      w: draw(16, 3),
    }),
    "node v (Erf) must compute no weights: Retort doesn't compute it",
  ],
  "a shape that counts the images": [
    image([
      ["Conv", ["x", "w"], "c"],
      ["Shape", ["c"], "s"],
      ["Mul", ["s", "two"], "t"],
      ["Reshape", ["c", "t"], "a"],
    ], { two: integers(2) }),
    "node t (Mul) must reckon without the number of images",
  ],
  "8 bits a block": [
    row([["DequantizeLinear", ["q", "s"], "w", { block_size: 4 }], [
      "MatMul",
      ["x", "w"],
      "y",
    ]], { q: { ...draw(16, 3), type: 3 }, s: draw(4, 3) }),
    "node w (DequantizeLinear) must have one scale a tensor or a channel",
  ],
  "an opset of tomorrow": [
    gemm({}, { opset: 99 }),
    "its operators must be of a version (opset) from 1 to 26: found 99",
  ],
  "sums within sums within sums": [
    image([
      ["Conv", ["x", "w"], "s0"],
      ...Array.from({ length: 20 }, (_, i): MadeNode[] => [
        ["Relu", [`s${i}`], `r${i}`],
        ["Add", ["s0", `r${i}`], `s${i + 1}`],
      ]).flat(),
      ["Relu", ["s20"], "a"],
    ]),
    "must lie in at most 16 sums within each other",
  ],
  "a sum of three": [
    row([["Sum", ["x", "b", "c"], "s"], ["MatMul", ["s", "w"], "y"]], {
      b: draw(16),
      c: draw(16),
      w: draw(16, 3),
    }),
    "node s (Sum) must have two inputs",
  ],
  "a maximum of three": [
    row([["Max", ["x", "zero", "five"], "m"], ["MatMul", ["m", "w"], "y"]], {
      zero: one(0),
      five: one(5),
      w: draw(16, 3),
    }),
    "node m (Max) must have two inputs",
  ],
  "more and more axes": [
    row([
      ["Unsqueeze", ["x", "axes"], "a0"],
      ...Array.from({ length: 20 }, (_, i): MadeNode => [
        "Unsqueeze",
        [`a${i}`, "axes"],
        `a${i + 1}`,
      ]),
      ["Flatten", ["a20"], "a"],
      ["MatMul", ["a", "w"], "y"],
    ], {
      axes: integers(...Array.from({ length: 2000 }, (_, i) => i + 1)),
      w: draw(16, 3),
    }),
    "node a0 (Unsqueeze) must make at most 8 axes",
  ],
  "one list again and again": [
    row([
      ...Array.from({ length: 60 }, (_, i): MadeNode => [
        "Slice",
        [`s${i}`, "from", "to"],
        `s${i + 1}`,
      ]),
      ["Gather", ["s60", "from"], "b"],
      ["Add", ["x", "b"], "a"],
      ["MatMul", ["a", "w"], "y"],
    ], {
      s0: draw(2 ** 15),
      from: integers(0),
      to: integers(2 ** 20),
      w: draw(16, 3),
    }),
    "must hold at most four numbers for each byte of the file",
  ],
  "activation after activation of a long row": [
    row(
      [
        ...["x", "a1", "a2", "a3", "a4"].map((from, i): MadeNode => [
          i % 2 === 0 ? "Tanh" : "Sigmoid",
          [from],
          `a${i + 1}`,
        ]),
        ["MatMul", ["a5", "w"], "y"],
      ],
      { w: draw(1024, 3) },
      { input: ["n", 1024] },
    ),
    "layers made of factors and activations that stand alone must have at most 4194304 weights",
  ],
  "a name that colours the terminal": [
    image([["\u001b[31mConv", ["x", "w"], "a"]], {}, {
      names: ["\u001b[2J", "m", "f", "y"],
    }),
    "node \\u{1b}[2J (\\u{1b}[31mConv) must be an operator",
  ],
};

/** Loads `bytes` as a file, `beside` it other files. */
async function load(
  bytes: Uint8Array<ArrayBuffer>,
  beside: Record<string, Uint8Array<ArrayBuffer>> = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/model.onnx`, bytes);
    for (const [name, content] of Object.entries(beside)) {
      await Deno.writeFile(`${folder}/${name}`, content);
    }
    return await loadModel(`${folder}/model.onnx`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [what, [made, message]] of Object.entries(REFUSED)) {
  Deno.test(`loadModel refuses an ONNX file with ${what}`, async () => {
    const error = await assertRejects(
      () => load(writeModel(made)),
      Error,
      message,
    );
    assert(error instanceof SyntaxError || error instanceof RangeError);
    assertMatch(error.message, /^Cannot load \/\S*model\.onnx: .+; .+/);
    assertEquals(error.message.includes("\u001b"), false);
    assert(error.message.length < 700, error.message);
  });
}

const WHOLE = writeModel(gemm({}));

/** Bytes that are no ONNX file, and a piece of the words. */
const DAMAGED: Record<string, [Uint8Array<ArrayBuffer>, string]> = {
  nothing: [new Uint8Array(), "it must hold a graph: it holds none"],
  "zeros behind it": [
    join(WHOLE, new Uint8Array(16)),
    "it must be an ONNX file, whole and with nothing behind it",
  ],
  "another model behind it": [
    join(WHOLE, WHOLE),
    "it must hold one graph: it holds two",
  ],
  "a field behind it that ONNX has none of": [
    join(WHOLE, field(99, "secret")),
    "it must hold what ONNX says, and nothing else: found field 99",
  ],
  "its last byte missing": [
    WHOLE.slice(0, -1),
    "it must be an ONNX file, whole",
  ],
  "a length beyond its end": [
    join(WHOLE, varint(7 * 8 + 2), varint(2 ** 40)),
    "it must be an ONNX file, whole",
  ],
  "a length below 0": [
    join(WHOLE, varint(7 * 8 + 2), varint(-5)),
    "it must be an ONNX file, whole",
  ],
  "a number that doesn't end": [
    join(WHOLE, [8], Array(12).fill(255)),
    "it must be an ONNX file, whole",
  ],
  "a group": [join(WHOLE, varint(7 * 8 + 3)), "it must be an ONNX file"],
  "a name that is no text": [
    join(field(7, field(1, field(4, Uint8Array.of(0xff, 0xfe))))),
    "an operator must be text",
  ],
  "a name of a megabyte": [
    join(field(7, field(1, field(4, "a".repeat(1e6))))),
    "an operator must have at most 1024 bytes",
  ],
  "a million nodes": [
    join(field(7, join(...Array(2e4).fill(field(1, field(4, "Relu")))))),
    "a list in it must have at most 16384 members",
  ],
  "sparse weights": [
    join(field(7, field(15, new Uint8Array()))),
    "weights must be stored whole: some are sparse",
  ],
  "a picture": [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    "it must",
  ],
};

for (const [what, [bytes, message]] of Object.entries(DAMAGED)) {
  Deno.test(`loadModel refuses an ONNX file that is ${what}`, async () => {
    await assertRejects(() => load(bytes), Error, message);
  });
}

const numbers = draw(16, 3);
const BESIDE = {
  "w.bin": new Uint8Array(Float32Array.from(numbers.values).buffer),
};
const outside = (external: Record<string, string>) =>
  writeModel(gemm({ external }));

Deno.test("loadModel reads weights of an ONNX file that lie beside it", async () => {
  const { weights } = await load(
    outside({ location: "./w.bin", offset: "0", length: "192" }),
    BESIDE,
  );
  assertEquals(weights[0], {
    shape: [16, 3],
    values: Float32Array.from(numbers.values),
  });
});

for (
  const [external, message] of [
    [{ location: "../w.bin" }, 'under a plain file name: found "../w.bin"'],
    [{ location: "/etc/passwd" }, "under a plain file name"],
    [{ location: "a/w.bin" }, "under a plain file name"],
    [{ location: "" }, "under a plain file name"],
    [{ location: "v.bin" }, "v.bin is missing"],
    [{ location: "w.bin", offset: "4" }, "tensor w must hold 48 numbers"],
    [{ location: "w.bin", length: "196" }, "it ends at byte 196 of 192"],
    [
      { location: "w.bin", offset: "999999999999", length: "4" },
      "it ends at byte 1000000000003 of 192",
    ],
    [{ location: "w.bin", offset: "-4" }, "must say its offset as a number"],
  ] as [Record<string, string>, string][]
) {
  Deno.test(`loadModel refuses weights of an ONNX file at ${JSON.stringify(external)}`, async () => {
    await assertRejects(() => load(outside(external), BESIDE), Error, message);
  });
}

Deno.test("loadModel reads an ONNX file and what lies beside it from a server, and by any name", async () => {
  const folder = await Deno.makeTempDir();
  const name = "my digits #1 50%.onnx";
  await Deno.writeFile(
    `${folder}/${name}`,
    outside({ location: "w.bin", length: "192" }),
  );
  await Deno.writeFile(`${folder}/model.onnx`, outside({ location: "w.bin" }));
  await Deno.writeFile(`${folder}/w.bin`, BESIDE["w.bin"]);
  await using server = serveFolder(folder);
  const { spec, ...own } = await loadModel(`${folder}/${name}`);
  assertEquals(spec.name, "my digits #1 50%");
  const { weights } = await loadModel(`${server.url}/model.onnx`);
  assertEquals(weights, own.weights);
  await assertRejects(
    () => loadModel(`${server.url}/none.onnx`),
    Deno.errors.NotFound,
    "/none.onnx: there is no such file",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("loadModel says of PyTorch's own files how they become ONNX files", async () => {
  for (const path of ["model.pt", "folder/MODEL.PTH"]) {
    await assertRejects(
      () => loadModel(path),
      TypeError,
      'say import torch; model.eval(); images = torch.zeros(1, 1, 28, 28); torch.onnx.export(model, images, "model.onnx"); then name model.onnx',
    );
  }
});

Deno.test("loadModel refuses a pipe and a folder in place of an ONNX file", async () => {
  const folder = await Deno.makeTempDir();
  const pipe = `${folder}/pipe.onnx`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  await assertRejects(() => loadModel(pipe), TypeError, "it is a pipe");
  await Deno.mkdir(`${folder}/folder.onnx`);
  await assertRejects(
    () => loadModel(`${folder}/folder.onnx`),
    TypeError,
    "it is a folder",
  );
  await Deno.remove(folder, { recursive: true });
});

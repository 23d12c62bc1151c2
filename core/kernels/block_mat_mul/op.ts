import * as tf from "../../tf.ts";
import { checkInputShape, COUNT, defineKernel, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** How units are divided into blocks that lie side by side. */
export interface Blocks {
  /** First unit of each block, and behind the last the number of all: `[S + 1]`. */
  starts: Int32Array<ArrayBuffer>;
  /** The same as int32 `[S + 1]`, on the current backend. */
  startsTensor: tf.Tensor;
}

/** A product by blocks, or one of its gradients, as backends compute it. */
export interface BlockProduct {
  /** The two tensors that are multiplied, in the kernel's order. */
  operands: [tf.TensorInfo, tf.TensorInfo];
  /** First unit of each block, and behind the last their number. */
  starts: tf.TensorInfo;
  /** Of the result. */
  shape: [number, number];
  rows: number;
  units: number;
  members: number;
  classes: number;
}

/** Kernel of {@linkcode blockMatMul}: z. */
export const blockMatMulKernel = defineKernel({
  name: "RetortBlockMatMul",
  inputs: { h: "float32", weight: "float32", starts: "int32" },
  attributes: {},
  check: ({ h, weight }) =>
    checkInputShape("weight", weight, [weight.shape[0], h.shape[1]]),
});

/** What {@linkcode blockMatMulKernel} computes. */
export function forwardProduct(
  { h, weight, starts }: Record<"h" | "weight" | "starts", tf.TensorInfo>,
): BlockProduct {
  const [rows, units] = h.shape;
  const [classes] = weight.shape;
  const members = starts.shape[0] - 1;
  return {
    operands: [h, weight],
    starts,
    shape: [rows, members * classes],
    rows,
    units,
    members,
    classes,
  };
}

/** Kernel of ∂L/∂h. */
export const inputGradientKernel = defineKernel({
  name: "RetortBlockMatMulInputGradient",
  inputs: { dz: "float32", weight: "float32", starts: "int32" },
  attributes: {},
  check: ({ dz, weight, starts }) => {
    const members = starts.shape[0] - 1;
    checkInputShape("dz", dz, [dz.shape[0], members * weight.shape[0]]);
  },
});

/** What {@linkcode inputGradientKernel} computes. */
export function inputGradientProduct(
  { dz, weight, starts }: Record<"dz" | "weight" | "starts", tf.TensorInfo>,
): BlockProduct {
  const [rows] = dz.shape;
  const [classes, units] = weight.shape;
  const members = starts.shape[0] - 1;
  return {
    operands: [dz, weight],
    starts,
    shape: [rows, units],
    rows,
    units,
    members,
    classes,
  };
}

/** Kernel of ∂L/∂W. */
export const weightGradientKernel = defineKernel({
  name: "RetortBlockMatMulWeightGradient",
  inputs: { dz: "float32", h: "float32", starts: "int32" },
  attributes: { classes: COUNT },
  check: ({ dz, h, starts }, { classes }) => {
    const members = starts.shape[0] - 1;
    checkInputShape("dz", dz, [dz.shape[0], members * classes]);
    checkInputShape("h", h, [dz.shape[0], h.shape[1]]);
  },
});

/** What {@linkcode weightGradientKernel} computes. */
export function weightGradientProduct(
  { dz, h, starts }: Record<"dz" | "h" | "starts", tf.TensorInfo>,
  classes: number,
): BlockProduct {
  const [rows, units] = h.shape;
  const members = starts.shape[0] - 1;
  return {
    operands: [dz, h],
    starts,
    shape: [classes, units],
    rows,
    units,
    members,
    classes,
  };
}

function checkShapes(h: tf.Tensor, weight: tf.Tensor, blocks: Blocks): void {
  const units = blocks.starts[blocks.starts.length - 1];
  if (
    h.rank !== 2 || weight.rank !== 2 || h.shape[1] !== units ||
    weight.shape[1] !== units
  ) {
    throw new RangeError(
      `Cannot multiply by blocks: h and weight must have the shapes [n, ${units}] and [classes, ${units}], the number of units: current value is [${
        h.shape.join(", ")
      }] and [${weight.shape.join(", ")}]`,
    );
  }
}

/** The columns of `x` from `first` on. */
function columnsOf(x: tf.Tensor, first: number, count: number): tf.Tensor2D {
  return tf.slice<tf.Rank.R2, tf.Tensor2D>(
    tf.reshape(x, [-1, x.shape[1] ?? 1]),
    [0, first],
    [-1, count],
  );
}

/** `part` of each block, side by side. */
function eachBlock(
  { starts }: Blocks,
  part: (block: number, first: number, count: number) => tf.Tensor2D,
): tf.Tensor {
  const parts = Array.from(
    starts.subarray(1),
    (end, block) => part(block, starts[block], end - starts[block]),
  );
  return tf.concat(parts, 1);
}

function multiply(h: tf.Tensor, weight: tf.Tensor, blocks: Blocks): tf.Tensor {
  const inputs = { h, weight, starts: blocks.startsTensor };
  const [z] = runKernel(blockMatMulKernel, inputs, {}, () => [
    eachBlock(blocks, (_, first, count) =>
      tf.matMul(
        columnsOf(h, first, count),
        columnsOf(weight, first, count),
        false,
        true,
      )),
  ]);
  return z;
}

function differentiate(
  dz: tf.Tensor,
  h: tf.Tensor,
  weight: tf.Tensor,
  blocks: Blocks,
): tf.Tensor[] {
  const classes = weight.shape[0];
  const own = (block: number) => columnsOf(dz, block * classes, classes);
  const starts = blocks.startsTensor;
  const [dh] = runKernel(
    inputGradientKernel,
    { dz, weight, starts },
    {},
    () => [
      eachBlock(
        blocks,
        (block, first, count) =>
          tf.matMul(own(block), columnsOf(weight, first, count)),
      ),
    ],
  );
  const attributes = { classes };
  const [dw] = runKernel(
    weightGradientKernel,
    { dz, h, starts },
    attributes,
    () => [
      eachBlock(
        blocks,
        (block, first, count) =>
          tf.matMul(own(block), columnsOf(h, first, count), true),
      ),
    ],
  );
  return [dh, dw];
}

/**
 * The product of each block of units with its own weights:
 *
 * z_{n, s, c} = Σ_u h_{n, u} · W_{c, u}, over the units u of block s
 *
 * h `[n, H]` and W `[classes, H]`, of S blocks, give `[n, S·classes]`. What a block
 * holds, NaN even, reaches no other, forward or back: it is no product with zeros.
 * Throws a `RangeError` where the shapes don't go together.
 */
export function blockMatMul(
  h: tf.Tensor,
  weight: tf.Tensor,
  blocks: Blocks,
): tf.Tensor {
  checkShapes(h, weight, blocks);
  return withGradient(
    [h, weight],
    () => ({
      value: multiply(h, weight, blocks),
      saved: [h, weight, blocks.startsTensor],
    }),
    (dz, [h, weight, startsTensor]) =>
      differentiate(dz, h, weight, { ...blocks, startsTensor }),
  );
}

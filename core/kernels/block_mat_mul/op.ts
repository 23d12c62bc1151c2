import * as tf from "../../tf.ts";
import { checkInputShape, readInput, readNumber } from "../kernel_arguments.ts";
import { runKernel } from "../run_kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** How units are divided into blocks that lie side by side. */
export interface Blocks {
  /** First unit of each block, and behind the last the number of all: `[S + 1]`. */
  starts: Int32Array<ArrayBuffer>;
  /** The same as int32 `[S + 1]`, on the current backend. */
  startsTensor: tf.Tensor;
}

/** Kernels of the product and of its two gradients. */
const FORWARD = "RetortBlockMatMul";
const INPUT_GRADIENT = "RetortBlockMatMulInputGrad";
const WEIGHT_GRADIENT = "RetortBlockMatMulWeightGrad";

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
  const [z] = runKernel(FORWARD, inputs, {}, () => [
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
  const [dh] = runKernel(INPUT_GRADIENT, { dz, weight, starts }, {}, () => [
    eachBlock(
      blocks,
      (block, first, count) =>
        tf.matMul(own(block), columnsOf(weight, first, count)),
    ),
  ]);
  const attributes = { classes };
  const [dw] = runKernel(WEIGHT_GRADIENT, { dz, h, starts }, attributes, () => [
    eachBlock(
      blocks,
      (block, first, count) =>
        tf.matMul(own(block), columnsOf(h, first, count), true),
    ),
  ]);
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

/** What a kernel of `blockMatMul` of `op.ts` is called with. */
export interface BlockMatMulArguments {
  /** The two tensors that are multiplied, in the kernel's order. */
  operands: [tf.TensorInfo, tf.TensorInfo];
  /** First unit of each block, and behind the last their number. */
  starts: tf.TensorInfo;
  /** Of the result. */
  shape: number[];
  rows: number;
  units: number;
  members: number;
  classes: number;
}

/**
 * Reads and checks the inputs of a product by blocks, h `[rows, units]` and weight
 * `[classes, units]`, or of one of its gradients, which take dz
 * `[rows, members·classes]` first.
 */
export function blockMatMulArguments(
  kind: "forward" | "inputGradient" | "weightGradient",
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap | undefined,
): BlockMatMulArguments {
  const starts = readInput(inputs, "starts", "int32");
  const members = starts.shape[0] - 1;
  if (kind === "forward") {
    const h = readInput(inputs, "h");
    const weight = readInput(inputs, "weight");
    const [rows, units] = h.shape;
    const [classes] = weight.shape;
    checkInputShape("weight", weight, [classes, units]);
    const shape = [rows, members * classes];
    const sizes = { rows, units, members, classes };
    return { operands: [h, weight], starts, shape, ...sizes };
  }
  const dz = readInput(inputs, "dz");
  const [rows] = dz.shape;
  if (kind === "inputGradient") {
    const weight = readInput(inputs, "weight");
    const [classes, units] = weight.shape;
    checkInputShape("dz", dz, [rows, members * classes]);
    const sizes = { rows, units, members, classes };
    return { operands: [dz, weight], starts, shape: [rows, units], ...sizes };
  }
  const h = readInput(inputs, "h");
  const [, units] = h.shape;
  const classes = readNumber(attributes, "classes");
  checkInputShape("dz", dz, [rows, members * classes]);
  checkInputShape("h", h, [rows, units]);
  const sizes = { rows, units, members, classes };
  return { operands: [dz, h], starts, shape: [classes, units], ...sizes };
}

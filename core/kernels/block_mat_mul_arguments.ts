import type * as tf from "../tf.ts";
import { checkInputShape, readInput, readNumber } from "./kernel_arguments.ts";

/** What a kernel of `blockMatMul` of core/kernels/ops is called with. */
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

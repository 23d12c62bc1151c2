import type * as tf from "../../../tf.ts";
import type { Lanes, Program } from "../run_program.ts";
import type { ProductKind } from "../tile.ts";
import { reluCode } from "../wgsl.ts";

/**
 * A product C[b, m, n] = Σ_g Σ_l left(b, m, g, l) · right(b, g, l, n) of matrices
 * that need not exist in memory: the sum runs over `groups` runs of `length`
 * neighbours in the left operand's buffer (of a convolution: a place in the window,
 * and its channels).
 */
export interface Product {
  kind: ProductKind;
  /** Matrices in the batch. */
  batch: number;
  /** Rows m of each result. */
  rows: number;
  /** Columns n of each result. */
  columns: number;
  groups: number;
  length: number;
  /** The right operand has this many rows a group; beyond, zeros are meant. */
  valid: number;
  left: LeftOperand;
  right: RightOperand;
  epilogue: Epilogue;
  outputShape: number[];
}

/** The rows of a product. */
export interface LeftOperand {
  tensor: tf.TensorInfo;
  /** 4 where every run begins and ends on a multiple of 4. */
  lanes: Lanes;
  /** Tells its code from that of others. */
  key: string;
  uniforms: Program["uniforms"];
  /**
   * Two functions in WGSL: `leftRow(m : i32, b : i32) -> vec4<i32>`, what is to be
   * known of a row, and `leftGroup(row : vec4<i32>, g : i32) -> vec2<i32>`, the index
   * of the run's first entry, and 0 where the whole run is zeros instead.
   */
  code: string;
  /** Whether `leftGroup` ever tells of zeros. */
  masked: boolean;
}

/** The columns of a product. */
export interface RightOperand {
  tensor: tf.TensorInfo;
  /** Whether neighbours in the buffer differ in the column, or in the term l. */
  along: "columns" | "depth";
  /** Whether each matrix of the batch has its own. */
  batched: boolean;
}

/** What becomes of a sum: C + bias, and its positive part if `relu`. */
export interface Epilogue {
  /** `[columns]` */
  bias?: tf.TensorInfo;
  relu: boolean;
}

/** Multiplications and additions of a product. */
export function productOperations(
  { batch, rows, columns, groups, valid }: Product,
): number {
  return 2 * batch * rows * columns * groups * valid;
}

/** A tensor's buffer without its shape, on which tfjs would make shaders depend. */
export function flatten(tensor: tf.TensorInfo): tf.TensorInfo {
  return {
    dataId: tensor.dataId,
    dtype: tensor.dtype,
    shape: [tensor.shape.reduce((product, extent) => product * extent, 1)],
  };
}

/** What both kinds of programs are told of a product, beside its own numbers. */
export function productUniforms(
  product: Product,
  parts: number,
): Program["uniforms"] {
  const { rows, columns, groups, length, valid, left } = product;
  const numbers = { rows, columns, groups, length, valid, parts };
  return [
    ...Object.entries(numbers).map(([name, value]) => ({
      name,
      type: "i32" as const,
      value,
    })),
    ...left.uniforms,
  ];
}

/** The epilogue's function `finish(value, n)` of the entries from column n on. */
export function epilogueCode({ bias, relu }: Epilogue, lanes: Lanes) {
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  const sum = bias ? `value + bias[n / ${lanes}]` : "value";
  return {
    key: `${bias !== undefined} ${relu} ${lanes}`,
    inputs: bias ? [{ name: "bias", lanes }] : [],
    tensors: bias ? [flatten(bias)] : [],
    code: `
${relu ? reluCode(lanes) : ""}
fn finish(value : ${type}, n : i32) -> ${type} {
  return ${relu ? `relu(${sum})` : sum};
}`,
  };
}

/** An epilogue that changes nothing: of a sum that is one of several parts. */
export const NO_EPILOGUE: Epilogue = { relu: false };

/** Bias and activation of a fused kernel; undefined where ours know neither. */
export function readEpilogue(
  { bias, preluActivationWeights }: tf.NamedTensorInfoMap,
  { activation }: tf.NamedAttrMap,
  columns: number,
): Epilogue | undefined {
  if (preluActivationWeights) return undefined;
  const plain = activation === undefined || activation === null ||
    activation === "linear";
  if (!plain && activation !== "relu") return undefined;
  if (!bias) return { relu: !plain };
  const whole = bias.shape.length <= 1 && bias.shape[0] === columns;
  return whole && bias.dtype === "float32" ? { bias, relu: !plain } : undefined;
}

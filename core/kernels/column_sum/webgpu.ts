import * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  lanesOf,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { columnSumKernel } from "./op.ts";

/**
 * Sums of every `groupRows` consecutive rows of x `[rows, columns]`:
 * `[⌈rows / groupRows⌉, columns]`, or `[columns]` where that is one.
 */
function columnSumProgram(
  [rows, columns]: readonly [number, number],
  groupRows: number,
): Program {
  const lanes = lanesOf(columns);
  const entries = columns / lanes;
  const groups = Math.ceil(rows / groupRows);
  const shape = groups === 1 ? [columns] : [groups, columns];
  return {
    key: `columnSum ${lanes}`,
    inputs: [{ name: "x", lanes }],
    outputs: [{ name: "sums", shape, dtype: "float32", lanes }],
    uniforms: [
      { name: "rowEntries", type: "i32", value: entries },
      { name: "rows", type: "i32", value: rows },
      { name: "groupRows", type: "i32", value: groupRows },
      { name: "entries", type: "i32", value: groups * entries },
    ],
    invocations: [groups * entries],
    code: `fn main(i : i32) {
  if (i >= uniforms.entries) { return; }
  let group = i / uniforms.rowEntries;
  let first = group * uniforms.groupRows;
  let count = min(uniforms.groupRows, uniforms.rows - first);
  var at = first * uniforms.rowEntries + i - group * uniforms.rowEntries;
  var sum = x[at];
  for (var row = 1; row < count; row++) {
    at += uniforms.rowEntries;
    sum += x[at];
  }
  sums[i] = sum;
}`,
  };
}

/**
 * Rows that one invocation adds up: few enough that there is work for a GPU.
 */
const GROUP_ROWS = 64;

/**
 * Σ of x over all axes but the last. A tree of sums, in stages that leave a
 * sixty-fourth of the rows each; its order is always the same. Sums of no rows are 0.
 */
export function sumColumns(
  webgpu: tf.WebGPUBackend,
  x: tf.TensorInfo,
): tf.TensorInfo {
  const columns = x.shape[x.shape.length - 1];
  const size = tf.util.sizeFromShape(x.shape);
  if (size === 0) {
    return webgpu.makeTensorInfo(
      [columns],
      "float32",
      new Float32Array(columns),
    );
  }
  let rows = size / columns;
  let sums = x;
  do {
    const program = columnSumProgram([rows, columns], GROUP_ROWS);
    const [next] = runProgram(webgpu, program, [sums]);
    if (sums !== x) webgpu.disposeData(sums.dataId);
    sums = next;
    rows = Math.ceil(rows / GROUP_ROWS);
  } while (rows > 1);
  return sums;
}

/** Kernel `RetortColumnSum`: see `columnSum` of `op.ts`. */
export const columnSum = implementOnWebGpu(
  columnSumKernel,
  (webgpu, { x }) => [sumColumns(webgpu, x)],
);

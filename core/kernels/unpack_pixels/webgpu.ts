import * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { unpackPixelsKernel } from "./op.ts";

/** x = byte / 255 of the bytes of words, as `shape`; an invocation takes a word. */
function unpackPixelsProgram(shape: number[]): Program {
  const size = tf.util.sizeFromShape(shape);
  return {
    key: "unpackPixels",
    inputs: [{ name: "words", lanes: 1 }],
    outputs: [{ name: "x", shape, dtype: "float32", lanes: 1 }],
    uniforms: [{ name: "count", type: "i32", value: size }],
    invocations: [Math.ceil(size / 4)],
    code: `fn main(i : i32) {
  let numbers = unpack4x8unorm(u32(words[i]));
  for (var lane = 0; lane < 4; lane++) {
    if (4 * i + lane < uniforms.count) {
      x[4 * i + lane] = numbers[lane];
    }
  }
}`,
  };
}

/** Kernel `RetortUnpackPixels`: see `unpackPixels` of `op.ts`. */
export const unpackPixels = implementOnWebGpu(
  unpackPixelsKernel,
  (webgpu, { words }, { shape }) =>
    runProgram(webgpu, unpackPixelsProgram(shape), [words]),
);

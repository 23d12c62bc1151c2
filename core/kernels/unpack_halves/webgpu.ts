import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { unpackHalvesKernel } from "./op.ts";

/** The two float16 numbers of each word, as `shape`; an invocation takes a word. */
function unpackHalvesProgram(shape: [number, number]): Program {
  const size = shape[0] * shape[1];
  return {
    key: "unpackHalves",
    inputs: [{ name: "words", lanes: 1 }],
    outputs: [{ name: "x", shape, dtype: "float32", lanes: 1 }],
    uniforms: [{ name: "count", type: "i32", value: size }],
    invocations: [Math.ceil(size / 2)],
    code: `fn main(i : i32) {
  if (2 * i >= uniforms.count) { return; }
  let pair = unpack2x16float(bitcast<u32>(words[i]));
  x[2 * i] = pair.x;
  if (2 * i + 1 < uniforms.count) { x[2 * i + 1] = pair.y; }
}`,
  };
}

/** Kernel `RetortUnpackHalves`: see `unpackHalves` of `op.ts`. */
export const unpackHalves = implementOnWebGpu(
  unpackHalvesKernel,
  (webgpu, { words }, { shape }) =>
    runProgram(webgpu, unpackHalvesProgram(shape), [words]),
);

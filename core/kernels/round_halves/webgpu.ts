import * as tf from "../../tf.ts";
import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { isUnknown } from "../webgpu/wgsl.ts";
import { roundHalvesKernel } from "./op.ts";

/** Numbers of `shape` as float16s from −65504 to 65504. */
function roundHalvesProgram(shape: number[]): Program {
  const size = tf.util.sizeFromShape(shape);
  return {
    key: "roundHalves",
    inputs: [{ name: "x", lanes: 1 }],
    outputs: [{ name: "halves", shape, dtype: "float32", lanes: 1 }],
    uniforms: [
      { name: "entries", type: "i32", value: size },
    ],
    invocations: [size],
    // By bits: 13 of the significand go, and a carry goes on into the exponent. Below
    // 2⁻¹⁴ by integers: 2²⁴·x is exact, and `round` takes ties to even.
    code: `fn main(i : i32) {
  if (i < uniforms.entries) {
    let given = x[i];
    let bounded = clamp(given, -65504.0, 65504.0);
    let bits = bitcast<u32>(bounded);
    let even = bits + 0xfffu + ((bits >> 13u) & 1u);
    let normal = bitcast<f32>(even & 0xffffe000u);
    let small = round(bounded * 16777216.0) * (1.0 / 16777216.0);
    let value = select(normal, small, abs(bounded) < 0.00006103515625);
    halves[i] = select(select(value, 0.0, value == 0.0), uniforms.NAN, ${
      isUnknown("given")
    });
  }
}`,
  };
}

/** Kernel `RetortRoundHalves`: see `roundHalves` of `op.ts`. */
export const roundHalves = implementOnWebGpu(
  roundHalvesKernel,
  (webgpu, { x }) => runProgram(webgpu, roundHalvesProgram(x.shape), [x]),
);

import * as tf from "../../tf.ts";
import { checkInputShape, readInput, readNumber } from "../kernel_arguments.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "./run_program.ts";

/** dz = y > 0 ? dy · scale : 0, and NaN where y is, for y of `shape`. */
export function biasReluGradientProgram(
  shape: number[],
  scale: number,
): FusedProgram {
  const size = tf.util.sizeFromShape(shape);
  const lanes = lanesOf(size);
  const [type, bits] = lanes === 4
    ? ["vec4<f32>", "vec4<u32>"]
    : ["f32", "u32"];
  return {
    key: `biasReluGradient ${lanes}`,
    inputs: [{ name: "y", lanes }, { name: "dy", lanes }],
    outputs: [{ name: "dz", shape, dtype: "float32", lanes }],
    uniforms: [
      { name: "entries", type: "i32", value: size / lanes },
      { name: "scale", type: "f32", value: scale },
    ],
    invocations: [size / lanes],
    code: `fn main(i : i32) {
  if (i < uniforms.entries) {
    let out = y[i];
    let slope = select(${type}(0.0), dy[i] * uniforms.scale, out > ${type}(0.0));
    // By its bits: compilers may take it that no float is NaN.
    let unknown = (bitcast<${bits}>(out) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u);
    dz[i] = select(slope, ${type}(uniforms.NAN), unknown);
  }
}`,
  };
}

/** Kernel `RetortBiasReluGrad`: see `biasReluGradient` of core/kernels/ops. */
export const biasReluGradient: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const y = readInput(inputs, "y");
  const dy = readInput(inputs, "dy");
  checkInputShape("dy", dy, y.shape);
  const program = biasReluGradientProgram(y.shape, readNumber(attrs, "scale"));
  return runProgram(asWebGpuBackend(backend), program, [y, dy])[0];
};

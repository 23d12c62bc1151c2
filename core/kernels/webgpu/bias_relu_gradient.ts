import * as tf from "../../tf.ts";
import { checkInputShape, readInput, readNumber } from "../kernel_arguments.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "./run_program.ts";

/** dz = y > 0 ? dy · scale : 0 for y of `shape`. */
export function biasReluGradientProgram(
  shape: number[],
  scale: number,
): FusedProgram {
  const size = tf.util.sizeFromShape(shape);
  const lanes = lanesOf(size);
  const type = lanes === 4 ? "vec4<f32>" : "f32";
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
    dz[i] = select(${type}(0.0), dy[i] * uniforms.scale, y[i] > ${type}(0.0));
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

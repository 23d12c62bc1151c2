import * as tf from "../../tf.ts";
import { type MaskArguments, optionalMaskArguments } from "../drop_out/op.ts";
import { dropoutCode } from "../webgpu/dropout_mask.ts";
import {
  implementOnWebGpu,
  lanesOf,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { channelCode, reluCode } from "../webgpu/wgsl.ts";
import { biasReluGradientKernel, biasReluKernel } from "./op.ts";

/** Rows that one invocation goes through with the bias that it has read. */
const ROWS = 8;

/** y = relu(z + b) ⊙ m for z of `shape`, `[…, channels]`. */
function biasReluProgram(
  shape: number[],
  dropout: MaskArguments | undefined,
): Program {
  const size = tf.util.sizeFromShape(shape);
  const channels = shape[shape.length - 1];
  const lanes = lanesOf(channels);
  const mask = dropoutCode(lanes, dropout);
  const channel = channelCode(channels, lanes);
  return {
    key: `biasRelu ${lanes} ${channel.key} ${mask.key}`,
    inputs: [{ name: "z", lanes }, { name: "bias", lanes }],
    outputs: [{ name: "y", shape, dtype: "float32", lanes }],
    uniforms: [
      { name: "entries", type: "i32", value: size / lanes },
      { name: "rowEntries", type: "i32", value: channels / lanes },
      ...channel.uniforms,
      ...mask.uniforms,
    ],
    invocations: [Math.ceil(size / channels / ROWS) * channels / lanes],
    code: `${reluCode(lanes)}
${channel.code}
${mask.code}
fn main(index : i32) {
  let channel = channelOf(index);
  let first = (index - channel) * ${ROWS} + channel;
  let last = min(uniforms.entries, first + ${ROWS} * uniforms.rowEntries);
  if (first >= last) { return; }
  let b = bias[channel];
  for (var i = first; i < last; i += uniforms.rowEntries) {
    y[i] = relu(z[i] + b) * maskAt(i);
  }
}`,
  };
}

/** Kernel `RetortBiasRelu`: see `biasRelu` of `op.ts`. */
export const biasRelu = implementOnWebGpu(
  biasReluKernel,
  (webgpu, { z, bias }, { dropout }) => {
    const mask = optionalMaskArguments(dropout);
    return runProgram(webgpu, biasReluProgram(z.shape, mask), [z, bias]);
  },
);

/** dz = y > 0 ? dy · scale : 0, and NaN where y is, for y of `shape`. */
function biasReluGradientProgram(
  shape: number[],
  scale: number,
): Program {
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

/** Kernel `RetortBiasReluGradient`: see `biasReluGradient` of `op.ts`. */
export const biasReluGradient = implementOnWebGpu(
  biasReluGradientKernel,
  (webgpu, { y, dy }, { scale }) =>
    runProgram(webgpu, biasReluGradientProgram(y.shape, scale), [y, dy]),
);

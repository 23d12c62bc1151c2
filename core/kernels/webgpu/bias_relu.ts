import * as tf from "../../tf.ts";
import {
  checkInputShape,
  type DropoutArguments,
  readInput,
  readOptionalDropout,
} from "../kernel_arguments.ts";
import { channelCode } from "./channel_code.ts";
import { dropoutCode } from "./dropout_code.ts";
import { reluCode } from "./relu_code.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "./run_program.ts";

/** Rows that one invocation goes through with the bias that it has read. */
const ROWS = 8;

/** y = relu(z + b) ⊙ m for z of `shape`, `[…, channels]`. */
export function biasReluProgram(
  shape: number[],
  dropout: DropoutArguments | undefined,
): FusedProgram {
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

/** Kernel `RetortBiasRelu`: see `biasRelu` of core/kernels/ops. */
export const biasRelu: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const z = readInput(inputs, "z");
  const bias = readInput(inputs, "bias");
  checkInputShape("bias", bias, z.shape.slice(-1));
  const program = biasReluProgram(z.shape, readOptionalDropout(attrs));
  return runProgram(asWebGpuBackend(backend), program, [z, bias])[0];
};

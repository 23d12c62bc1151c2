import type { Lanes, Program } from "./run_program.ts";

/** What a program needs in order to find the channel of an entry. */
export interface ChannelCode {
  /** Tells the code from others'. */
  key: string;
  uniforms: Program["uniforms"];
  /** `channelOf(i)`: the place of the i-th entry of `[…, channels]` in its row. */
  code: string;
}

/** WGSL for i mod (channels / lanes): a mask where it can, for GPUs divide slowly. */
export function channelCode(channels: number, lanes: Lanes): ChannelCode {
  const entries = channels / lanes;
  const power = (entries & (entries - 1)) === 0;
  return {
    key: power ? "masked" : "divided",
    uniforms: [{
      name: "channelEntries",
      type: "i32",
      value: power ? entries - 1 : entries,
    }],
    code: `fn channelOf(i : i32) -> i32 {
  return i ${power ? "&" : "%"} uniforms.channelEntries;
}`,
  };
}

/** WGSL for `relu(x)`, which lets NaN through: divergence is seen by it. */
export function reluCode(lanes: Lanes): string {
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  return `fn relu(x : ${type}) -> ${type} {
  return select(x, ${type}(0.0), x <= ${type}(0.0));
}`;
}

/** WGSL that is true where `value` is NaN: compilers may take it that no float is. */
export function isUnknown(value: string): string {
  return `(bitcast<u32>(${value}) & 0x7fffffffu) > 0x7f800000u`;
}

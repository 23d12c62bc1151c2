import type { MaskArguments } from "../drop_out/op.ts";
import type { Lanes, Program } from "./run_program.ts";

/** What a program needs in order to make a mask. */
export interface DropoutCode {
  /** Tells the code from other masks'. */
  key: string;
  uniforms: Program["uniforms"];
  /** `maskAt(i)`: the mask of the i-th entry of the output, a scalar or `vec4`. */
  code: string;
}

/** {@linkcode counterWord} over the lanes of `type`. */
function counterCode(type: string): string {
  return `
fn mixWord(x0 : ${type}) -> ${type} {
  var x = x0;
  x = (x ^ (x >> ${type}(16u))) * 0x21f0aaadu;
  x = (x ^ (x >> ${type}(15u))) * 0xd35a2d97u;
  return x ^ (x >> ${type}(15u));
}
fn counterWord(counter : ${type}) -> ${type} {
  return mixWord(mixWord(counter ^ ${type}(uniforms.key0)) ^ ${type}(uniforms.key1));
}`;
}

/** Sixteen bits an element: one word serves two neighbours, even and odd. */
const SCALAR = `
${counterCode("u32")}
fn maskAt(i : i32) -> f32 {
  let place = u32(i) + uniforms.odd;
  let word = counterWord(uniforms.firstWord + (place >> 1u));
  let bits = (word >> (16u * (place & 1u))) & 0xffffu;
  return select(uniforms.kept, 0.0, bits < uniforms.threshold);
}`;

const EVEN_QUADS = `
${counterCode("vec2<u32>")}
fn maskAt(i : i32) -> vec4<f32> {
  let w = counterWord(uniforms.firstWord + 2u * u32(i) + vec2<u32>(0u, 1u));
  let bits = vec4<u32>(w.x & 0xffffu, w.x >> 16u, w.y & 0xffffu, w.y >> 16u);
  return select(vec4<f32>(uniforms.kept), vec4<f32>(0.0), bits < vec4<u32>(uniforms.threshold));
}`;

const ODD_QUADS = `
${counterCode("vec3<u32>")}
fn maskAt(i : i32) -> vec4<f32> {
  let w = counterWord(uniforms.firstWord + 2u * u32(i) + vec3<u32>(0u, 1u, 2u));
  let bits = vec4<u32>(w.x >> 16u, w.y & 0xffffu, w.y >> 16u, w.z & 0xffffu);
  return select(vec4<f32>(uniforms.kept), vec4<f32>(0.0), bits < vec4<u32>(uniforms.threshold));
}`;

/**
 * WGSL for the mask that {@linkcode fillDropoutMask} describes, to the bit; all
 * ones, and no code, without `dropout`.
 */
export function dropoutCode(
  lanes: Lanes,
  dropout: MaskArguments | undefined,
): DropoutCode {
  if (!dropout) {
    const type = lanes === 4 ? "vec4<f32>" : "f32";
    const code = `fn maskAt(i : i32) -> ${type} { return ${type}(1.0); }`;
    return { key: "all", uniforms: [], code };
  }
  const [threshold, kept, key0, key1, first] = dropout;
  const odd = first % 2;
  return {
    key: lanes === 1 ? "dropping" : odd ? "dropping odd" : "dropping even",
    uniforms: [
      { name: "threshold", type: "u32", value: threshold },
      { name: "kept", type: "f32", value: kept },
      { name: "key0", type: "u32", value: key0 },
      { name: "key1", type: "u32", value: key1 },
      { name: "firstWord", type: "u32", value: (first - odd) / 2 % 2 ** 32 },
      { name: "odd", type: "u32", value: odd },
    ],
    code: lanes === 1 ? SCALAR : odd ? ODD_QUADS : EVEN_QUADS,
  };
}

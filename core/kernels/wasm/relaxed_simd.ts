import { assembleWat } from "./assemble.ts";

/** A module that needs `f32x4.relaxed_madd` and nothing else. */
const PROBE = `(module (func (param v128) (result v128)
  (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))`;

let answer: boolean | undefined;

/**
 * Whether this runtime has relaxed SIMD, whose `f32x4.relaxed_madd` multiplies and
 * adds in one instruction where the processor can.
 */
export function hasRelaxedSimd(): boolean {
  return answer ??= WebAssembly.validate(assembleWat("relaxed_simd", PROBE));
}

import { levelRange } from "../level_range.ts";

/**
 * WGSL of `roundLevel` for `bits` bits: a function `levelOf(weight, step)`. A
 * quotient here may be off by a few units in the last place; the distance tells.
 */
export function levelCode(bits: number): string {
  const { lowest, highest } = levelRange(bits);
  if (bits === 1) {
    return `fn levelOf(weight : f32, step : f32) -> f32 {
  return select(-1.0, 1.0, weight >= 0.0);
}`;
  }
  return `fn levelOf(weight : f32, step : f32) -> f32 {
  let near = round(clamp(weight / step, ${lowest}.0, ${highest}.0));
  let rest = weight - near * step;
  let up = select(0.0, 1.0, rest >= 0.5 * step);
  let down = select(0.0, 1.0, rest < -0.5 * step);
  return clamp(near + up - down, ${lowest}.0, ${highest}.0);
}`;
}

/** WGSL that is true where `value` is NaN: compilers may take it that no float is. */
export function isUnknown(value: string): string {
  return `(bitcast<u32>(${value}) & 0x7fffffffu) > 0x7f800000u`;
}

/**
 * `value`, an integer from 0 to 32,767, in one byte below 128, else in two, high
 * bits first.
 */
export function packNumber(value: number): number[] {
  return value < 128 ? [value] : [128 + (value >> 8), value & 255];
}

/** `value`, an integer from −16,384 to 16,383, its sign in the lowest bit. */
export function packSigned(value: number): number[] {
  return packNumber(value < 0 ? -2 * value - 1 : 2 * value);
}

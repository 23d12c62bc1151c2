/** A SIMD expression that has `constant` in all four lanes. */
function everyLane(constant: string): string {
  return `(v128.const i32x4 ${new Array(4).fill(constant).join(" ")})`;
}

/** x ← x ⊕ (x ≫ `bits`) as an expression, for the vector of words `$word`. */
function folded(bits: number): string {
  return `(v128.xor (local.get $word)
    (i32x4.shr_u (local.get $word) (i32.const ${bits})))`;
}

const MIX = `
  (local.set $word (i32x4.mul ${folded(16)} (local.get $first16)))
  (local.set $word (i32x4.mul ${folded(15)} (local.get $second15)))
  (local.set $word ${folded(15)})`;

/** Vectors that stay the same: set once, they stay in registers. */
const CONSTANTS = {
  $first16: everyLane("0x21f0aaad"),
  $second15: everyLane("0xd35a2d97"),
  $next: "(v128.const i32x4 0 1 2 3)",
  $keys0: "(i32x4.splat (local.get $key0))",
  $keys1: "(i32x4.splat (local.get $key1))",
  $thresholds: "(i16x8.splat (local.get $threshold))",
  $keptScale: "(f32x4.splat (local.get $scale))",
};

/** Parameters of a function that draws a mask, as `readDropout` gives them. */
export const MASK_PARAMETERS = `(param $threshold i32) (param $scale f32)
    (param $key0 i32) (param $key1 i32) (param $first f64)`;

/**
 * The last locals of a function that draws a mask, and what it does first: among
 * that, `$index` becomes the number of the first element.
 */
export const MASK_START = `
    (local $index i64) (local $counter i32) (local $odd i32)
    (local $word v128) (local $kept v128)
    ${Object.keys(CONSTANTS).map((name) => `(local ${name} v128)`).join(" ")}
    ${
  Object.entries(CONSTANTS).map(([name, value]) =>
    `(local.set ${name} ${value})`
  ).join("\n")
}
    (local.set $index (i64.trunc_f64_u (local.get $first)))`;

/**
 * Sets `$word` to four words of the sequence of core/random/counter.ts, those
 * numbered `counters`, an expression, for the key `$key0`, `$key1`.
 */
export function drawWords(counters: string): string {
  return `
  (local.set $word (v128.xor ${counters} (local.get $keys0)))
  ${MIX}
  (local.set $word (v128.xor (local.get $word) (local.get $keys1)))
  ${MIX}`;
}

/**
 * Eight lanes of 16 bits, all ones where `words`' 16 bits keep an element. A word's
 * lower half comes first, as on a little-endian machine, so that the lanes have
 * the elements' order.
 */
export function keptLanes(words: string): string {
  return `(i16x8.ge_u ${words} (local.get $thresholds))`;
}

/** Draws `$kept` for eight elements, the first of the even number 2·`$counter`. */
export const DRAW_EIGHT = `${
  drawWords("(i32x4.add (i32x4.splat (local.get $counter)) (local.get $next))")
}
  (local.set $kept ${keptLanes("(local.get $word)")})
  (local.set $counter (i32.add (local.get $counter) (i32.const 4)))`;

/** Draws `$kept` for the element numbered 2·`$counter` + `$odd`, into the first lane. */
export const DRAW_ONE = `${drawWords("(i32x4.splat (local.get $counter))")}
  (local.set $kept ${
  keptLanes(
    "(i32x4.shr_u (local.get $word) (i32.shl (local.get $odd) (i32.const 4)))",
  )
})
  (local.set $counter (i32.add (local.get $counter) (local.get $odd)))
  (local.set $odd (i32.xor (local.get $odd) (i32.const 1)))`;

/** The factors of the elements whose lanes in `$kept` are its `half`. */
export function maskOf(half: "low" | "high"): string {
  return `(v128.and (i32x4.extend_${half}_i16x8_s (local.get $kept))
    (local.get $keptScale))`;
}

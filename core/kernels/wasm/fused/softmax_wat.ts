/** The float32 next above −126 · ln 2: below it, e^x has no normal float32. */
const LEAST = "-0x1.5d589ep+6";

/** A vector that has `value` in all four lanes. */
function all(value: string): string {
  return `(v128.const f32x4 ${new Array(4).fill(value).join(" ")})`;
}

/** e^r − 1 − r over r², by falling powers of r. */
const POLYNOMIAL = [
  "1.9875691500e-4",
  "1.3981999507e-3",
  "8.3334519073e-3",
  "4.1665795894e-2",
  "1.6666665459e-1",
  "5.0000001201e-1",
].reduce(
  (sum, term) =>
    sum
      ? `(f32x4.add (f32x4.mul ${sum} (local.get $r)) ${all(term)})`
      : all(term),
  "",
);

/**
 * e^x of four x ≤ 0, each within 2 ulp: 2ⁿ · e^r for the n that leaves |r| ≤ ln(2)/2.
 * 0 below −87.3, where a float32 would lose digits. NaN stays NaN.
 *
 * Source: Moshier, "Cephes mathematical library", expf, 1992.
 */
const EXP = `(func $exp (param $x v128) (result v128)
  (local $n v128) (local $r v128) (local $tiny v128)
  (local.set $tiny (f32x4.lt (local.get $x) ${all(LEAST)}))
  (local.set $x (f32x4.pmax (local.get $x) ${all(LEAST)}))
  (local.set $n (f32x4.nearest
    (f32x4.mul (local.get $x) ${all("1.44269504088896341")})))
  (local.set $r (f32x4.sub (f32x4.sub (local.get $x)
    (f32x4.mul (local.get $n) ${all("0.693359375")}))
    (f32x4.mul (local.get $n) ${all("-2.12194440e-4")})))
  (v128.andnot
    (f32x4.mul
      (f32x4.add (f32x4.add
        (f32x4.mul ${POLYNOMIAL} (f32x4.mul (local.get $r) (local.get $r)))
        (local.get $r)) ${all("1")})
      (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n))
        (v128.const i32x4 127 127 127 127)) (i32.const 23)))
    (local.get $tiny)))`;

/** 1/9, 1/7 … 1 by falling powers of t². */
const ATANH = [11, 9, 7, 5, 3, 1].map((odd) => `(f64.const ${1 / odd})`)
  .reduce((sum, term) =>
    `(f64.add (f64.mul ${sum} (local.get $square)) ${term})`
  );

/**
 * ln(x) of a normal x > 0: n·ln 2 + ln(m) with x = 2ⁿ·m, √½ ≤ m < √2, and
 * ln(m) = 2·artanh(t) at t = (m − 1)/(m + 1), |t| < 0.172. NaN stays NaN: its
 * exponent makes m infinite or NaN.
 */
const LOG = `(func $log (param $x f32) (result f32)
  (local $n i32) (local $m f64) (local $t f64) (local $square f64)
  (local.set $n (i32.shr_s
    (i32.sub (i32.reinterpret_f32 (local.get $x)) (i32.const 0x3f3504f3))
    (i32.const 23)))
  (local.set $m (f64.promote_f32 (f32.mul (local.get $x) (f32.reinterpret_i32
    (i32.shl (i32.sub (i32.const 127) (local.get $n)) (i32.const 23))))))
  (local.set $t (f64.div (f64.sub (local.get $m) (f64.const 1))
    (f64.add (local.get $m) (f64.const 1))))
  (local.set $square (f64.mul (local.get $t) (local.get $t)))
  (f32.demote_f64 (f64.add
    (f64.mul (f64.convert_i32_s (local.get $n)) (f64.const ${Math.LN2}))
    (f64.mul (f64.mul (f64.const 2) (local.get $t)) ${ATANH}))))`;

function reduced(operation: "add" | "max", vector: string): string {
  const lanes = [0, 1, 2, 3].map((lane) =>
    `(f32x4.extract_lane ${lane} (local.get ${vector}))`
  );
  return lanes.reduce((left, right) => `(f32.${operation} ${left} ${right})`);
}

/**
 * A loop over the `$bytes` of a row by vectors, `$i` being the byte offset. A
 * function that uses it has these as locals or parameters.
 */
export function forEachVector(body: string): string {
  return `
    (local.set $i (i32.const 0))
    (loop $nextVector
      ${body}
      (br_if $nextVector (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 16)))
        (local.get $bytes))))`;
}

/** The vector of the current turn at `pointer`. */
export function at(pointer: string): string {
  return `(v128.load (i32.add (local.get ${pointer}) (local.get $i)))`;
}

/** Writes the vector of the current turn at `pointer`. */
export function put(pointer: string, value: string): string {
  return `(v128.store (i32.add (local.get ${pointer}) (local.get $i)) ${value})`;
}

/**
 * `$softmax`: for u = z / T, writes log softmax(u) at `$logs` and softmax(u) at
 * `$shares`; all rows are of `$bytes`, whole vectors. `$inside` is a row of ones'
 * bits, zero where a row of classes has ended: there z repeats one of the row's
 * own, so that it changes no maximum, and the share is 0.
 */
export const SOFTMAX = `${EXP} ${LOG}
(func $softmax (param $z i32) (param $temperature f32) (param $logs i32)
  (param $shares i32) (param $inside i32) (param $bytes i32)
  (local $i i32) (local $t v128) (local $largest v128) (local $value v128)
  (local $sum v128) (local $total f32)
  (local.set $t (f32x4.splat (local.get $temperature)))
  (local.set $largest (f32x4.div (v128.load (local.get $z)) (local.get $t)))
  ${
  forEachVector(`
    (local.set $value (f32x4.div ${at("$z")} (local.get $t)))
    ${put("$logs", "(local.get $value)")}
    (local.set $largest
      (f32x4.pmax (local.get $largest) (local.get $value)))`)
}
  (local.set $largest (f32x4.splat ${reduced("max", "$largest")}))
  ${
  forEachVector(`
    (local.set $value (f32x4.sub ${at("$logs")} (local.get $largest)))
    ${put("$logs", "(local.get $value)")}
    (local.set $value (v128.and (call $exp (local.get $value)) ${
    at("$inside")
  }))
    ${put("$shares", "(local.get $value)")}
    (local.set $sum (f32x4.add (local.get $sum) (local.get $value)))`)
}
  (local.set $total ${reduced("add", "$sum")})
  (local.set $largest (f32x4.splat (call $log (local.get $total))))
  (local.set $sum (f32x4.splat (local.get $total)))
  ${
  forEachVector(`
    ${put("$logs", `(f32x4.sub ${at("$logs")} (local.get $largest))`)}
    ${put("$shares", `(f32x4.div ${at("$shares")} (local.get $sum))`)}`)
})`;

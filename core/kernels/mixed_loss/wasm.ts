import {
  heapOffset,
  implementOnWasm,
  makeOutput,
  textFunctions,
} from "../wasm/heap.ts";
import { mixedLossKernel } from "./op.ts";

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

/** Rows of scratch memory, one after another, in this order. */
const SCRATCH = [
  "$inside",
  "$student",
  "$teacher",
  "$logs",
  "$shares",
  "$wantedLogs",
  "$wanted",
  "$slope",
];

/** How many rows of whole vectors {@linkcode MIXED_LOSS} needs beside its tensors. */
export const SCRATCH_ROWS = SCRATCH.length;

/** Copies `$classes` numbers and fills the row up with the first of them. */
const COPY_ROW = `(func $copyRow (param $from i32) (param $to i32)
  (param $classes i32) (param $bytes i32) (local $i i32) (local $own i32)
  (local.set $own (i32.shl (local.get $classes) (i32.const 2)))
  (loop $next
    (f32.store (i32.add (local.get $to) (local.get $i)) (f32.load
      (select (i32.add (local.get $from) (local.get $i)) (local.get $from)
        (i32.lt_u (local.get $i) (local.get $own)))))
    (br_if $next (i32.lt_u
      (local.tee $i (i32.add (local.get $i) (i32.const 4)))
      (local.get $bytes)))))`;

const total = (vector: string) =>
  [0, 1, 2, 3].map((lane) =>
    `(f32x4.extract_lane ${lane} (local.get ${vector}))`
  ).reduce((left, right) => `(f32.add ${left} ${right})`);

/** Adds `value` to the gradient's vector of this turn. */
const slope = (value: string) =>
  put("$slope", `(f32x4.add ${at("$slope")} ${value})`);

const addLoss = (value: string) =>
  `(local.set $loss (f32.add (local.get $loss) ${value}))`;

const softmax = (
  z: string,
  temperature: string,
  logs: string,
  shares: string,
) =>
  `(call $softmax (local.get ${z}) ${temperature} (local.get ${logs})
    (local.get ${shares}) (local.get $inside) (local.get $bytes))`;

/** a · −log softmax(z)_label. */
const CROSS_ENTROPY = `
  ${softmax("$student", "(f32.const 1)", "$logs", "$shares")}
  ${
  addLoss(
    `(f32.mul (f32.neg (local.get $a)) (f32.load (i32.add (local.get $logs) (local.get $label))))`,
  )
}
  (local.set $factor (f32x4.splat (local.get $a)))
  ${forEachVector(slope(`(f32x4.mul ${at("$shares")} (local.get $factor))`))}
  (local.set $p (i32.add (local.get $slope) (local.get $label)))
  (f32.store (local.get $p) (f32.mul (local.get $a) (f32.sub
    (f32.load (i32.add (local.get $shares) (local.get $label))) (f32.const 1))))`;

/** b · T² · KL(softmax(v/T) ‖ softmax(z/T)); the teacher's part is kept from member to member. */
const DIVERGENCE = `
  (if (f32.ne (local.get $t) (local.get $wantedAt)) (then
    ${softmax("$teacher", "(local.get $t)", "$wantedLogs", "$wanted")}
    (local.set $wantedAt (local.get $t))))
  ${softmax("$student", "(local.get $t)", "$logs", "$shares")}
  (local.set $factor
    (f32x4.splat (f32.mul (local.get $b) (local.get $t))))
  (local.set $sum (v128.const f32x4 0 0 0 0))
  ${
  forEachVector(`
    (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul ${at("$wanted")}
      (f32x4.sub ${at("$wantedLogs")} ${at("$logs")}))))
    ${
    slope(
      `(f32x4.mul (f32x4.sub ${at("$shares")} ${
        at("$wanted")
      }) (local.get $factor))`,
    )
  }`)
}
  ${
  addLoss(`(f32.mul (f32.mul (local.get $b)
    (f32.mul (local.get $t) (local.get $t))) ${total("$sum")})`)
}`;

/** c · (1/C) Σ (z − v)². */
const SQUARES = `
  (local.set $factor (f32x4.splat (f32.div
    (f32.mul (local.get $c) (f32.const 2)) (local.get $count))))
  (local.set $sum (v128.const f32x4 0 0 0 0))
  ${
  forEachVector(`
    (local.set $value (v128.and
      (f32x4.sub ${at("$student")} ${at("$teacher")}) ${at("$inside")}))
    (local.set $sum (f32x4.add (local.get $sum)
      (f32x4.mul (local.get $value) (local.get $value))))
    ${slope("(f32x4.mul (local.get $value) (local.get $factor))")}`)
}
  ${
  addLoss(
    `(f32.mul (local.get $c) (f32.div ${total("$sum")} (local.get $count)))`,
  )
}`;

const unlessZero = (coefficient: string, then: string) =>
  `(if (f32.ne (local.get ${coefficient}) (f32.const 0)) (then ${then}))`;

const coefficient = (name: string, offset: number) =>
  `(local.set ${name} (f32.load offset=${offset} (local.get $p)))`;

const advance = (pointer: string, bytes: string) =>
  `(local.set ${pointer} (i32.add (local.get ${pointer}) ${bytes}))`;

/**
 * A module whose `mixedLoss` goes over examples and members: a term of which the
 * coefficient is 0 is not computed. Rows of classes are copied into scratch
 * memory, where they are whole vectors.
 */
export const MIXED_LOSS = `(module (import "env" "memory" (memory 1))
${SOFTMAX} ${COPY_ROW}
(func (export "mixedLoss") (param $logits i32) (param $labels i32)
  (param $teacherLogits i32) (param $terms i32) (param $losses i32)
  (param $gradient i32) (param $inside i32)
  (param $examples i32) (param $members i32) (param $classes i32)
  ${SCRATCH.slice(1).map((row) => `(local ${row} i32)`).join(" ")}
  (local $bytes i32) (local $own i32) (local $label i32) (local $member i32)
  (local $p i32) (local $i i32) (local $count f32) (local $loss f32)
  (local $a f32) (local $b f32) (local $c f32) (local $t f32)
  (local $wantedAt f32) (local $factor v128) (local $sum v128) (local $value v128)
  (local.set $count (f32.convert_i32_s (local.get $classes)))
  (local.set $own (i32.shl (local.get $classes) (i32.const 2)))
  (local.set $bytes
    (i32.and (i32.add (local.get $own) (i32.const 15)) (i32.const -16)))
  ${
  SCRATCH.slice(1).map((row, before) =>
    `(local.set ${row} (i32.add (local.get ${
      SCRATCH[before]
    }) (local.get $bytes)))`
  ).join("\n")
}
  (block $done (loop $nextExample
    (br_if $done (i32.eqz (local.get $examples)))
    (call $copyRow (local.get $teacherLogits) (local.get $teacher)
      (local.get $classes) (local.get $bytes))
    (local.set $label
      (i32.shl (i32.load (local.get $labels)) (i32.const 2)))
    (local.set $wantedAt (f32.const 0))
    (local.set $p (local.get $terms))
    (local.set $member (local.get $members))
    (block $allMembers (loop $nextMember
      (br_if $allMembers (i32.eqz (local.get $member)))
      (local.set $p (i32.add (local.get $terms) (i32.shl
        (i32.sub (local.get $members) (local.get $member)) (i32.const 4))))
      ${coefficient("$a", 0)} ${coefficient("$b", 4)}
      ${coefficient("$c", 8)} ${coefficient("$t", 12)}
      (call $copyRow (local.get $logits) (local.get $student)
        (local.get $classes) (local.get $bytes))
      ${forEachVector(put("$slope", "(v128.const f32x4 0 0 0 0)"))}
      (local.set $loss (f32.const 0))
      ${unlessZero("$a", CROSS_ENTROPY)}
      ${unlessZero("$b", DIVERGENCE)}
      ${unlessZero("$c", SQUARES)}
      (f32.store (local.get $losses) (local.get $loss))
      (call $copyRow (local.get $slope) (local.get $gradient)
        (local.get $classes) (local.get $own))
      ${advance("$losses", "(i32.const 4)")}
      ${advance("$logits", "(local.get $own)")}
      ${advance("$gradient", "(local.get $own)")}
      (local.set $member (i32.sub (local.get $member) (i32.const 1)))
      (br $nextMember)))
    ${advance("$labels", "(i32.const 4)")}
    ${advance("$teacherLogits", "(local.get $own)")}
    (local.set $examples (i32.sub (local.get $examples) (i32.const 1)))
    (br $nextExample)))))`;

function checkLabels(labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    if (!(labels[i] >= 0 && labels[i] < classes)) {
      throw new RangeError(
        `Cannot compute losses: labels must be from 0 to ${
          classes - 1
        }: current value is ${labels[i]}`,
      );
    }
  }
}

/**
 * Kernel `RetortMixedLoss`: losses `[n, S]` and their gradient by the logits,
 * `[n, S, C]`; see `mixedLoss` of `op.ts` for the formula. A NaN logit
 * makes its row's loss and gradient NaN.
 *
 * Throws a `RangeError` where a label is no class.
 */
export const mixedLoss = implementOnWasm(
  mixedLossKernel,
  (wasm, { logits, labels, teacherLogits, terms }) => {
    const [examples, members, classes] = logits.shape;
    checkLabels(wasm.typedArrayFromHeap(labels), classes);
    const losses = makeOutput(wasm, [examples, members], "float32");
    const gradient = makeOutput(wasm, logits.shape, "float32");
    const width = 4 * Math.ceil(classes / 4);
    const scratch = makeOutput(wasm, [SCRATCH_ROWS, width], "int32");
    // The views come last: an allocation may move the heap.
    const inside = wasm.typedArrayFromHeap(scratch);
    inside.fill(0, classes, width).fill(-1, 0, classes);
    if (classes > 0) {
      textFunctions(wasm, "mixed_loss", MIXED_LOSS).mixedLoss(
        ...[logits, labels, teacherLogits, terms, losses, gradient, scratch]
          .map((tensor) => heapOffset(wasm, tensor)),
        examples,
        members,
        classes,
      );
    }
    wasm.disposeData(scratch.dataId);
    return [losses, gradient];
  },
);

import { at, forEachVector, put, SOFTMAX } from "./softmax_wat.ts";

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

import type * as tf from "../../tf.ts";
import {
  advance,
  type Code,
  defineFunction,
  defineModule,
  defineValue,
  exportFunction,
  type F32,
  f32,
  type F32x4,
  f32x4,
  f64,
  type HeapFunction,
  type I32,
  i32,
  i32x4,
  named,
  type Pointer,
  repeatWhile,
  select,
  type Statement,
  store,
  until,
  when,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { mixedLossKernel, type MixedTerms, TERM_NAMES } from "./op.ts";

/** The float32 next above −126 · ln 2: below it, e^x has no normal float32. */
const LEAST = f32x4.const("-0x1.5d589ep+6");

/** e^r − 1 − r over r², by falling powers of r. */
const EXPONENTIAL = [
  "1.9875691500e-4",
  "1.3981999507e-3",
  "8.3334519073e-3",
  "4.1665795894e-2",
  "1.6666665459e-1",
  "5.0000001201e-1",
].map((coefficient) => f32x4.const(coefficient));

/**
 * e^x of four x ≤ 0, each within 2 ulp: 2ⁿ · e^r for the n that leaves |r| ≤ ln(2)/2.
 * 0 below −87.3, where a float32 would lose digits. NaN stays NaN.
 *
 * Source: Moshier, "Cephes mathematical library", expf, 1992.
 */
function defineExp() {
  return defineValue("exp", { x: f32x4 }, f32x4, ({ x }, scope) => {
    const { n, r, tiny } = scope.locals({ n: f32x4, r: f32x4, tiny: i32x4 });
    const series = EXPONENTIAL.reduce((sum, term) => sum.mul(r).add(term));
    const fraction = series.mul(r.mul(r)).add(r).add(f32x4.const(1));
    const power = n.truncate().add(i32x4.const(127)).shl(23).floats();
    return [
      [
        tiny.set(x.lt(LEAST)),
        x.set(x.pmax(LEAST)),
        n.set(x.mul(f32x4.const("1.44269504088896341")).nearest()),
        r.set(
          x.sub(n.mul(f32x4.const("0.693359375")))
            .sub(n.mul(f32x4.const("-2.12194440e-4"))),
        ),
      ],
      fraction.mul(power).andnot(tiny),
    ];
  });
}

/** 1/11, 1/9 … 1: those of artanh(t) over t, by falling powers of t². */
const ATANH = [11, 9, 7, 5, 3, 1].map((odd) => f64.const(1 / odd));

/**
 * ln(x) of a normal x > 0: n·ln 2 + ln(m) with x = 2ⁿ·m, √½ ≤ m < √2, and
 * ln(m) = 2·artanh(t) at t = (m − 1)/(m + 1), |t| < 0.172. NaN stays NaN: its
 * exponent makes m infinite or NaN.
 */
function defineLog() {
  return defineValue("log", { x: f32 }, f32, ({ x }, scope) => {
    const { n, m, t, square } = scope.locals({
      n: i32,
      m: f64,
      t: f64,
      square: f64,
    });
    const series = ATANH.reduce((sum, term) => sum.mul(square).add(term));
    return [
      [
        n.set(x.bits().sub(0x3f3504f3).shrS(23)),
        m.set(x.mul(i32.const(127).sub(n).shl(23).bitsToF32()).toF64()),
        t.set(m.sub(f64.const(1)).div(m.add(f64.const(1)))),
        square.set(t.mul(t)),
      ],
      n.toF64().mul(f64.const(Math.LN2))
        .add(f64.const(2).mul(t).mul(series)).toF32(),
    ];
  });
}

/** A vector's four lanes. */
function lanesOf(vector: F32x4): F32[] {
  return ([0, 1, 2, 3] as const).map((lane) => vector.lane(lane));
}

/** A loop over the `bytes` of rows by vectors, `i` being the byte offset. */
function rowLoop({ i, bytes }: { i: Pointer; bytes: I32 }) {
  return {
    forEachVector: (body: Code): Code => [
      i.set(i32.const(0)),
      repeatWhile(i.tee(i.add(16)).ltU(bytes), body),
    ],
    /** The vector of the current turn at `row`. */
    at: (row: I32): F32x4 => f32x4.load(row.add(i)),
    /** Writes the vector of the current turn at `row`. */
    put: (row: I32, value: F32x4): Statement => store(row.add(i), value),
  };
}

/**
 * For u = z / T, writes log softmax(u) at `logs` and softmax(u) at `shares`; all rows
 * are of `bytes`, whole vectors. `inside` is a row of ones' bits, zero where a row of
 * classes has ended: there z repeats one of the row's own, so that it changes no
 * maximum, and the share is 0.
 */
function defineSoftmax(
  exp: ReturnType<typeof defineExp>,
  log: ReturnType<typeof defineLog>,
) {
  return defineFunction(
    "softmax",
    {
      z: i32,
      temperature: f32,
      ...named(i32, "logs", "shares", "inside", "bytes"),
    },
    ({ z, temperature, logs, shares, inside, bytes }, scope) => {
      const { i, t, largest, value, sum, total } = scope.locals({
        i: i32,
        ...named(f32x4, "t", "largest", "value", "sum"),
        total: f32,
      });
      const { forEachVector, at, put } = rowLoop({ i, bytes });
      return [
        t.set(f32x4.splat(temperature)),
        largest.set(f32x4.load(z).div(t)),
        forEachVector([
          value.set(at(z).div(t)),
          put(logs, value),
          largest.set(largest.pmax(value)),
        ]),
        largest.set(
          f32x4.splat(lanesOf(largest).reduce((a, b) => a.max(b))),
        ),
        forEachVector([
          value.set(at(logs).sub(largest)),
          put(logs, value),
          value.set(exp.call({ x: value }).and(at(inside))),
          put(shares, value),
          sum.set(sum.add(value)),
        ]),
        total.set(lanesOf(sum).reduce((a, b) => a.add(b))),
        largest.set(f32x4.splat(log.call({ x: total }))),
        sum.set(f32x4.splat(total)),
        forEachVector([
          put(logs, at(logs).sub(largest)),
          put(shares, at(shares).div(sum)),
        ]),
      ];
    },
  );
}

/** Copies `classes` numbers and fills the row up with the first of them. */
function defineCopyRow() {
  return defineFunction(
    "copyRow",
    named(i32, "from", "to", "classes", "bytes"),
    ({ from, to, classes, bytes }, scope) => {
      const { i, own } = scope.locals({ i: i32, own: i32 });
      return [
        own.set(classes.shl(2)),
        repeatWhile(
          i.tee(i.add(4)).ltU(bytes),
          store(
            to.add(i),
            f32.load(select(from.add(i), from, i.ltU(own))),
          ),
        ),
      ];
    },
  );
}

/** Rows of scratch memory after `inside`, one after another. */
/** Number `name` of the row of terms at `row`. */
function loadTerm(row: I32, name: keyof MixedTerms): F32 {
  return f32.load(row, 4 * TERM_NAMES.indexOf(name));
}

const SCRATCH = named(
  i32,
  "student",
  "teacher",
  "logs",
  "shares",
  "wantedLogs",
  "wanted",
  "slope",
);

/** How many rows of whole vectors the module needs beside its tensors. */
const SCRATCH_ROWS = 1 + Object.keys(SCRATCH).length;

/**
 * `mixedLoss` goes over examples and members: a term of which the coefficient is 0
 * is not computed. Rows of classes are copied into scratch memory, where they are
 * whole vectors.
 */
const mixedLossModule = defineModule("mixed_loss", () => {
  const exp = defineExp();
  const log = defineLog();
  const softmax = defineSoftmax(exp, log);
  const copyRow = defineCopyRow();
  const mixedLoss = exportFunction(
    "mixedLoss",
    named(
      i32,
      "logits",
      "labels",
      "teacherLogits",
      "terms",
      "losses",
      "gradient",
      "inside",
      "examples",
      "members",
      "classes",
    ),
    (given, scope) => {
      const { logits, labels, teacherLogits, terms, losses, gradient } = given;
      const { inside, examples, members, classes } = given;
      const rows = scope.locals(SCRATCH);
      const { student, teacher, logs, shares, wantedLogs, wanted, slope } =
        rows;
      const { bytes, own, label, member, p, i } = scope.locals(
        named(i32, "bytes", "own", "label", "member", "p", "i"),
      );
      const { count, loss, a, b, c, t, wantedAt } = scope.locals(
        named(f32, "count", "loss", "a", "b", "c", "t", "wantedAt"),
      );
      const { factor, sum, value } = scope.locals({
        factor: f32x4,
        sum: f32x4,
        value: f32x4,
      });
      const { forEachVector, at, put } = rowLoop({ i, bytes });
      const total = lanesOf(sum).reduce((a, b) => a.add(b));
      const addLoss = (value: F32) => loss.set(loss.add(value));
      /** Adds `value` to the gradient's vector of this turn. */
      const addSlope = (value: F32x4) => put(slope, at(slope).add(value));
      const unlessZero = (coefficient: F32, then: Code) =>
        when(coefficient.ne(f32.const(0)), then);
      /** a · −log softmax(z)_label. */
      const crossEntropy = [
        softmax.call({
          z: student,
          temperature: f32.const(1),
          logs,
          shares,
          inside,
          bytes,
        }),
        addLoss(a.neg().mul(f32.load(logs.add(label)))),
        factor.set(f32x4.splat(a)),
        forEachVector(addSlope(at(shares).mul(factor))),
        p.set(slope.add(label)),
        store(p, a.mul(f32.load(shares.add(label)).sub(f32.const(1)))),
      ];
      /**
       * b · T² · KL(softmax(v/T) ‖ softmax(z/T)); the teacher's part is kept from
       * member to member.
       */
      const divergence = [
        when(t.ne(wantedAt), [
          softmax.call({
            z: teacher,
            temperature: t,
            logs: wantedLogs,
            shares: wanted,
            inside,
            bytes,
          }),
          wantedAt.set(t),
        ]),
        softmax.call({
          z: student,
          temperature: t,
          logs,
          shares,
          inside,
          bytes,
        }),
        factor.set(f32x4.splat(b.mul(t))),
        sum.set(f32x4.const(0)),
        forEachVector([
          sum.set(sum.add(at(wanted).mul(at(wantedLogs).sub(at(logs))))),
          addSlope(at(shares).sub(at(wanted)).mul(factor)),
        ]),
        addLoss(b.mul(t.mul(t)).mul(total)),
      ];
      /** c · (1/C) Σ (z − v)². */
      const squares = [
        factor.set(f32x4.splat(c.mul(f32.const(2)).div(count))),
        sum.set(f32x4.const(0)),
        forEachVector([
          value.set(at(student).sub(at(teacher)).and(at(inside))),
          sum.set(sum.add(value.mul(value))),
          addSlope(value.mul(factor)),
        ]),
        addLoss(c.mul(total.div(count))),
      ];
      const oneMember = [
        p.set(terms.add(members.sub(member).mul(4 * TERM_NAMES.length))),
        a.set(loadTerm(p, "a")),
        b.set(loadTerm(p, "b")),
        c.set(loadTerm(p, "c")),
        t.set(loadTerm(p, "T")),
        copyRow.call({ from: logits, to: student, classes, bytes }),
        forEachVector(put(slope, f32x4.const(0))),
        loss.set(f32.const(0)),
        unlessZero(a, crossEntropy),
        unlessZero(b, divergence),
        unlessZero(c, squares),
        store(losses, loss),
        copyRow.call({ from: slope, to: gradient, classes, bytes: own }),
        advance(losses, 4),
        advance(logits, own),
        advance(gradient, own),
        member.set(member.sub(1)),
      ];
      return [
        count.set(classes.toF32()),
        own.set(classes.shl(2)),
        bytes.set(own.add(15).and(-16)),
        Object.values(rows).map((row, index) =>
          row.set([inside, ...Object.values(rows)][index].add(bytes))
        ),
        until(examples.eqz(), [
          copyRow.call({ from: teacherLogits, to: teacher, classes, bytes }),
          label.set(i32.load(labels).shl(2)),
          wantedAt.set(f32.const(0)),
          p.set(terms),
          member.set(members),
          until(member.eqz(), oneMember),
          advance(labels, 4),
          advance(teacherLogits, own),
          examples.set(examples.sub(1)),
        ]),
      ];
    },
  );
  return [exp, log, softmax, copyRow, mixedLoss];
});

/** Throws a `RangeError` where one of `labels` is no class. */
export function checkLabels(labels: ArrayLike<number>, classes: number): void {
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

/** Numbers of scratch memory that {@linkcode mixedLossOn} wants for rows of `classes`. */
export function mixedLossScratch(classes: number): number {
  return SCRATCH_ROWS * 4 * Math.ceil(classes / 4);
}

/**
 * The function that computes {@linkcode mixedLoss} on the heap of `wasm`: its arguments are
 * the bytes of logits, labels, teacher's logits, terms, losses, gradient and scratch
 * memory, then how many examples, members and classes there are. Scratch memory is made ready
 * here, where `scratch` is its place.
 */
export function mixedLossOn(
  wasm: tf.BackendWasm,
  classes: number,
  scratch: number,
): HeapFunction {
  const { mixedLoss } = heapFunctions(wasm, mixedLossModule);
  const { buffer } = heapMemory(wasm);
  const width = 4 * Math.ceil(classes / 4);
  new Int32Array(buffer, scratch, width).fill(0, classes).fill(-1, 0, classes);
  return mixedLoss;
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
    const scratch = makeOutput(wasm, [mixedLossScratch(classes)], "int32");
    if (classes > 0) {
      mixedLossOn(wasm, classes, heapOffset(wasm, scratch))(
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

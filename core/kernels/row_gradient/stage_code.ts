/**
 * What the code of every kind of stage has in common: where numbers lie, what follows a sum,
 * and how windows are walked.
 *
 * @module
 */
import {
  advance,
  type Code,
  countDown,
  type F32,
  f32,
  type F32x4,
  f32x4,
  type I32,
  i32,
  named,
  type Pointer,
  type Scope,
  select,
  type Statement,
  store,
  storeLanes,
  type Variable,
  type WasmFunction,
} from "../wasm/code.ts";
import {
  type Bend,
  frameOf,
  outputOf,
  type Stage,
  type StageKind,
  windowsOf,
} from "./op.ts";

/** Vectors that hold `count` numbers, the last of which may be filled up. */
export function vectorsOf(count: number): number {
  return Math.ceil(count / 4);
}

/** Where an image lies in memory, zeros around it, row by row: in bytes. */
export interface Plane {
  /** From its memory's begin to its first number. */
  start: number;
  /** From row to row. */
  row: number;
  /** Of one place, all channels. */
  pixel: number;
  /** From its first number to behind its last. */
  length: number;
  /** All, with what lies around it. */
  total: number;
}

function planeIn(
  [rows, columns, channels]: readonly [number, number, number],
  [top, bottom, left, right]: readonly number[],
): Plane {
  const pixel = 4 * channels;
  const row = (left + columns + right) * pixel;
  return {
    start: top * row + left * pixel,
    row,
    pixel,
    length: (rows - 1) * row + columns * pixel,
    total: (top + rows + bottom) * row,
  };
}

/** Where the image lies that `stage` reads. */
export function planeOf(stage: Stage): Plane {
  return planeIn(stage.input, frameOf(stage));
}

/** Where the image lies that `stage` makes, for `next` to read: nothing around it at the end. */
export function madePlane(stage: Stage, next: Stage | undefined): Plane {
  return planeIn(outputOf(stage), next ? frameOf(next) : [0, 0, 0, 0]);
}

/** What a stage's code is told beside the stage. */
export interface Surroundings {
  /** Its number, for names. */
  index: number;
  /** Where what it reads lies. */
  read: Plane;
  /** Where what it makes lies. */
  made: Plane;
  /** Bytes from there to where the same lies before it is rounded. */
  apart: number;
  /** Whether a product is added to a sum with one rounding. */
  fused: boolean;
  /** Whether nothing before it has weights: nobody asks for ∂L/∂x. */
  first: boolean;
  /** Of a sum: where what is added lies, and whether nobody asks for its gradient. */
  added?: { plane: Plane; first: boolean };
}

/** What code on the way forward is called with: byte offsets, of planes those of their first numbers. */
export const FORWARD = named(
  i32,
  "x",
  "added",
  "y",
  "winner",
  "filter",
  "bias",
);

/** What code on the way back is called with, likewise. Of x and dx that are zeros around images. */
export const BACKWARD = named(
  i32,
  "x",
  "dx",
  "dadded",
  "y",
  "dy",
  "winner",
  "dw",
  "db",
  "w",
  "list",
);

/** A function of a module that is called with values of `Parameters`. */
type Callable<Parameters> = WasmFunction & {
  call(values: { [Name in keyof Parameters]: I32 }): Statement;
};

/** A number for each use of a stage's filter, which is packed otherwise for each. */
export interface ByUse {
  /** On the way forward. */
  forward: number;
  /** On the way back. */
  back: number;
  /** As sums of its gradient. */
  sums: number;
}

/** The code of a kind of stage. Behind each plane and packed filter is room to read and write a vector. */
export interface StageCode<K extends StageKind> {
  /** How many numbers its filter takes; none where there is none. */
  sizes(stage: Stage<K>, first: boolean): ByUse;
  /** Where each weight of a filter, in order, stands in each packing. */
  places(stage: Stage<K>, first: boolean): Iterable<ByUse>;
  /** What the stage makes of one image. */
  forward(stage: Stage<K>, around: Surroundings): Callable<typeof FORWARD>;
  /**
   * Adds one image's gradients: from ∂L/∂y at `dy`, which may be changed, ∂L/∂w to `dw`, ∂L/∂b
   * to `db`, and ∂L/∂x to `dx`, unless nobody asks for it. At `y` is what was made, before
   * any rounding.
   */
  backward(stage: Stage<K>, around: Surroundings): Callable<typeof BACKWARD>;
}

/** What follows a sum, before it is rounded. */
function bendOnly(sum: F32x4, { below, most, rounds }: Bend): F32x4 {
  // pmax gives its first operand unless that is smaller: NaN stays.
  const bent = below === 1 ? sum : sum.pmax(
    below === 0 ? f32x4.const(0) : sum.mul(f32x4.const(below)),
  );
  return rounds || most === Infinity ? bent : bent.pmin(f32x4.const(most));
}

/** The nearest integer of what was bent. */
function roundBent(bent: F32x4, { below, most }: Bend): F32x4 {
  const nearest = bent.add(f32x4.const(0.5)).floor().pmin(f32x4.const(most));
  return below === 0 ? nearest : nearest.pmax(f32x4.const(-most));
}

/**
 * Makes of `sum` what follows it, and writes that by `put`; where it is rounded, what it was before
 * too, `apart` bytes further on, for {@linkcode unbendOne}.
 */
export function bendAndPut(
  sum: Variable<F32x4>,
  activation: Bend,
  { apart }: Surroundings,
  put: (value: Variable<F32x4>, further: number) => Code,
): Code {
  const bent = sum.set(bendOnly(sum, activation));
  if (!activation.rounds) return [bent, put(sum, 0)];
  return [
    bent,
    put(sum, apart),
    sum.set(roundBent(sum, activation)),
    put(sum, 0),
  ];
}

/** Whether a gradient passes as it is. */
export function isStraight({ below, most, rounds }: Bend): boolean {
  return below === 1 && most === Infinity && !rounds;
}

/**
 * ∂L/∂sum of ∂L/∂y and of y, or where that is rounded of what it was before: bits, for the
 * text to be without branches.
 */
export function unbendOne(
  slope: I32,
  y: F32,
  { below, most, rounds }: Bend,
): I32 {
  const onlyIf = (condition: I32, bits: I32) =>
    bits.and(i32.const(0).sub(condition));
  const bent = below === 1
    ? slope
    : below === 0
    ? onlyIf(y.ne(f32.const(0)), slope)
    : slope.bitsToF32().mul(
      select(
        f32.const(1).bits(),
        f32.const(below).bits(),
        y.gt(f32.const(0)),
      ).bitsToF32(),
    ).bits();
  if (rounds) {
    const high = onlyIf(y.gt(f32.const(most)).eqz(), bent);
    return below === 0 ? high : onlyIf(y.neg().gt(f32.const(most)).eqz(), high);
  }
  return most === Infinity ? bent : onlyIf(y.ne(f32.const(most)), bent);
}

/** The same of four. */
function unbend(
  slope: F32x4,
  y: F32x4,
  { below, most, rounds }: Bend,
): F32x4 {
  const positive = y.gt(f32x4.const(0));
  const bent = below === 1
    ? slope
    : below === 0
    ? slope.and(y.ne(f32x4.const(0)))
    : slope.mul(
      f32x4.const(1).and(positive).or(f32x4.const(below).andnot(positive)),
    );
  if (rounds) {
    const high = bent.andnot(y.gt(f32x4.const(most)));
    return below === 0 ? high : high.andnot(y.lt(f32x4.const(-most)));
  }
  return most === Infinity ? bent : bent.and(y.ne(f32x4.const(most)));
}

/**
 * Makes ∂L/∂sum of all of ∂L/∂y, in place, from the plane's first number to its last; what lies
 * around rows becomes anything.
 */
export function unbendPlane(
  { y, dy }: { y: I32; dy: I32 },
  activation: Bend,
  { length }: Plane,
  scope: Scope,
): Code {
  if (isStraight(activation)) return [];
  const { after, given, fours } = scope.locals(
    named(i32, "after", "given", "fours"),
  );
  const { bent } = scope.locals({ bent: f32x4 });
  const unbent = unbend(f32x4.load(given), f32x4.load(after), activation);
  const numbers = length / 4;
  const rest = numbers % 4;
  return [
    after.set(y),
    given.set(dy),
    fours.set(i32.const(Math.floor(numbers / 4))),
    countDown(fours, 1, [
      store(given, unbent),
      advance(after, 16),
      advance(given, 16),
    ]),
    rest > 0 ? [bent.set(unbent), storeLanes(given, bent, rest)] : [],
  ];
}

/** What is walked along with windows: the window's first number, and that of what is made of it. */
export interface Walk {
  at: Pointer;
  to: Pointer;
}

/** A walk over all windows of `stage`, whose places without pools are what it makes. */
export function walkWindows(
  stage: Stage,
  { read, made }: Surroundings,
  scope: Scope,
) {
  const [down, across] = windowsOf(stage);
  const { strides } = stage;
  const { band, line, row, column, at, to } = scope.locals(
    named(i32, "band", "line", "row", "column", "at", "to"),
  );
  /** `body` for each window: `at` is in the image at `x`, `to` in what is made at `y`. */
  return (x: I32, y: I32, body: (walk: Walk) => Code): Code => [
    band.set(x),
    line.set(y),
    row.set(i32.const(down)),
    countDown(row, 1, [
      at.set(band),
      to.set(line),
      column.set(i32.const(across)),
      countDown(column, 1, [
        body({ at, to }),
        advance(at, strides[1] * read.pixel),
        advance(to, made.pixel),
      ]),
      advance(band, strides[0] * read.row),
      advance(line, made.row),
    ]),
  ];
}

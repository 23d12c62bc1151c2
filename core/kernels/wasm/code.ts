/** Code of WebAssembly that leaves no value on the stack. */
export class Statement {
  constructor(readonly text: string) {}
}

/** Statements, one after another. */
export type Code = Statement | readonly Code[];

function textOf(code: Code): string {
  return code instanceof Statement
    ? code.text
    : code.map((each) => textOf(each)).join("\n");
}

/** Code that leaves one value, of the type that `Self` is the class of. */
abstract class Value<Self extends Value<Self>> {
  /** What begins the names of its instructions, and tells it from other values. */
  abstract readonly kind: string;
  constructor(readonly text: string) {}
  /** A value of the same type. */
  protected abstract of(text: string): Self;
  /** The value of an instruction on this one and on others. */
  protected run(instruction: string, ...others: { text: string }[]): Self {
    return this.of(
      `(${this.kind}.${instruction} ${
        [this, ...others].map(({ text }) => text).join(" ")
      })`,
    );
  }
}

/** A value that has sums, differences and products. */
abstract class Numeric<Self extends Numeric<Self>> extends Value<Self> {
  add(other: Self): Self {
    return this.run("add", other);
  }
  sub(other: Self): Self {
    return this.run("sub", other);
  }
  mul(other: Self): Self {
    return this.run("mul", other);
  }
}

/** A floating-point number, or a vector of such. */
abstract class Floats<Self extends Floats<Self>> extends Numeric<Self> {
  div(other: Self): Self {
    return this.run("div", other);
  }
}

function integer(value: I32 | number): I32 {
  return typeof value === "number" ? i32.const(value) : value;
}

/** An integer of 32 bits, or where 0 is false, a condition, or bytes of an address. */
export class I32 extends Value<I32> {
  readonly kind: "i32" = "i32" as const;
  protected of(text: string): I32 {
    return new I32(text);
  }
  private with(instruction: string, other: I32 | number): I32 {
    return this.run(instruction, integer(other));
  }
  add(other: I32 | number): I32 {
    return this.with("add", other);
  }
  sub(other: I32 | number): I32 {
    return this.with("sub", other);
  }
  mul(other: I32 | number): I32 {
    return this.with("mul", other);
  }
  and(other: I32 | number): I32 {
    return this.with("and", other);
  }
  xor(other: I32 | number): I32 {
    return this.with("xor", other);
  }
  shl(bits: I32 | number): I32 {
    return this.with("shl", bits);
  }
  shrS(bits: I32 | number): I32 {
    return this.with("shr_s", bits);
  }
  shrU(bits: I32 | number): I32 {
    return this.with("shr_u", bits);
  }
  eqz(): I32 {
    return this.run("eqz");
  }
  eq(other: I32 | number): I32 {
    return this.with("eq", other);
  }
  ne(other: I32 | number): I32 {
    return this.with("ne", other);
  }
  ltS(other: I32 | number): I32 {
    return this.with("lt_s", other);
  }
  ltU(other: I32 | number): I32 {
    return this.with("lt_u", other);
  }
  leS(other: I32 | number): I32 {
    return this.with("le_s", other);
  }
  gtS(other: I32 | number): I32 {
    return this.with("gt_s", other);
  }
  geS(other: I32 | number): I32 {
    return this.with("ge_s", other);
  }
  geU(other: I32 | number): I32 {
    return this.with("ge_u", other);
  }
  /** As an integer of 64 bits, not negative. */
  extendU(): I64 {
    return new I64(`(i64.extend_i32_u ${this.text})`);
  }
  /** The nearest float to it. */
  toF32(): F32 {
    return new F32(`(f32.convert_i32_s ${this.text})`);
  }
  toF64(): F64 {
    return new F64(`(f64.convert_i32_s ${this.text})`);
  }
  /** The float that has its bits. */
  bitsToF32(): F32 {
    return new F32(`(f32.reinterpret_i32 ${this.text})`);
  }
}

/** An integer of 64 bits. */
export class I64 extends Value<I64> {
  readonly kind: "i64" = "i64" as const;
  protected of(text: string): I64 {
    return new I64(text);
  }
  add(other: I64): I64 {
    return this.run("add", other);
  }
  shrU(bits: number): I64 {
    return this.run("shr_u", i64.const(bits));
  }
  /** Its lower 32 bits. */
  wrap(): I32 {
    return new I32(`(i32.wrap_i64 ${this.text})`);
  }
}

/** A float of 32 bits. */
export class F32 extends Floats<F32> {
  readonly kind: "f32" = "f32" as const;
  protected of(text: string): F32 {
    return new F32(text);
  }
  max(other: F32): F32 {
    return this.run("max", other);
  }
  neg(): F32 {
    return this.run("neg");
  }
  ne(other: F32): I32 {
    return new I32(`(f32.ne ${this.text} ${other.text})`);
  }
  gt(other: F32): I32 {
    return new I32(`(f32.gt ${this.text} ${other.text})`);
  }
  toF64(): F64 {
    return new F64(`(f64.promote_f32 ${this.text})`);
  }
  /** Its bits. */
  bits(): I32 {
    return new I32(`(i32.reinterpret_f32 ${this.text})`);
  }
}

/** A float of 64 bits. */
export class F64 extends Floats<F64> {
  readonly kind: "f64" = "f64" as const;
  protected of(text: string): F64 {
    return new F64(text);
  }
  toF32(): F32 {
    return new F32(`(f32.demote_f64 ${this.text})`);
  }
  /** Its whole part as an integer that isn't negative. */
  truncU(): I64 {
    return new I64(`(i64.trunc_f64_u ${this.text})`);
  }
}

/** Vectors, of whatever lanes. */
export type Vector = F32x4 | I32x4 | I16x8;

/** A lane of a vector. */
export type Lane = 0 | 1 | 2 | 3;

/** Lanes of a vector, four of which may come from another. */
export type Lanes = [number, number, number, number];

/** What every vector has: operations on its 128 bits. */
interface Bits<Self> {
  and(other: Vector): Self;
  andnot(other: Vector): Self;
  or(other: Vector): Self;
  xor(other: Vector): Self;
}

function bitwise(
  instruction: string,
  a: { text: string },
  b: { text: string },
): string {
  return `(v128.${instruction} ${a.text} ${b.text})`;
}

function shuffleText(a: string, b: string, lanes: Lanes): string {
  const bytes = lanes.flatMap((lane) =>
    range(4).map((byte) => 4 * lane + byte)
  );
  return `(i8x16.shuffle ${bytes.join(" ")} ${a} ${b})`;
}

/** Four floats of 32 bits. */
export class F32x4 extends Floats<F32x4> implements Bits<F32x4> {
  readonly kind: "f32x4" = "f32x4" as const;
  protected of(text: string): F32x4 {
    return new F32x4(text);
  }
  and(other: Vector): F32x4 {
    return this.of(bitwise("and", this, other));
  }
  andnot(other: Vector): F32x4 {
    return this.of(bitwise("andnot", this, other));
  }
  or(other: Vector): F32x4 {
    return this.of(bitwise("or", this, other));
  }
  xor(other: Vector): F32x4 {
    return this.of(bitwise("xor", this, other));
  }
  sqrt(): F32x4 {
    return this.run("sqrt");
  }
  floor(): F32x4 {
    return this.run("floor");
  }
  nearest(): F32x4 {
    return this.run("nearest");
  }
  /** The larger of each two: this one's lane unless it is smaller, so that its NaN stays. */
  pmax(other: F32x4): F32x4 {
    return this.run("pmax", other);
  }
  /** The smaller of each two: this one's lane unless it is larger, so that its NaN stays. */
  pmin(other: F32x4): F32x4 {
    return this.run("pmin", other);
  }
  /** a·b + `sum`, rounded once if `fused`, else twice. */
  mulAdd(b: F32x4, sum: F32x4, fused: boolean): F32x4 {
    return fused
      ? this.run("relaxed_madd", b, sum)
      : new F32x4(`(f32x4.add ${this.mul(b).text} ${sum.text})`);
  }
  private compare(instruction: string, other: F32x4): I32x4 {
    return new I32x4(`(f32x4.${instruction} ${this.text} ${other.text})`);
  }
  /** All ones in the lanes where it holds, else 0. */
  gt(other: F32x4): I32x4 {
    return this.compare("gt", other);
  }
  lt(other: F32x4): I32x4 {
    return this.compare("lt", other);
  }
  ne(other: F32x4): I32x4 {
    return this.compare("ne", other);
  }
  lane(lane: Lane): F32 {
    return new F32(`(f32x4.extract_lane ${lane} ${this.text})`);
  }
  /** Four lanes of its own, from 0, and of `other`, from 4. */
  shuffle(other: F32x4, lanes: Lanes): F32x4 {
    return this.of(shuffleText(this.text, other.text, lanes));
  }
  /** Its lane `lane`, in all four. */
  splatLane(lane: number): F32x4 {
    return this.shuffle(this, [lane, lane, lane, lane]);
  }
  /** Whole numbers of the floats, as near to them as integers go. */
  truncate(): I32x4 {
    return new I32x4(`(i32x4.trunc_sat_f32x4_s ${this.text})`);
  }
}

/** Four integers of 32 bits, or where all bits are equal, conditions. */
export class I32x4 extends Numeric<I32x4> implements Bits<I32x4> {
  readonly kind: "i32x4" = "i32x4" as const;
  protected of(text: string): I32x4 {
    return new I32x4(text);
  }
  and(other: Vector): I32x4 {
    return this.of(bitwise("and", this, other));
  }
  andnot(other: Vector): I32x4 {
    return this.of(bitwise("andnot", this, other));
  }
  or(other: Vector): I32x4 {
    return this.of(bitwise("or", this, other));
  }
  xor(other: Vector): I32x4 {
    return this.of(bitwise("xor", this, other));
  }
  neg(): I32x4 {
    return this.run("neg");
  }
  maxS(other: I32x4): I32x4 {
    return this.run("max_s", other);
  }
  shl(bits: I32 | number): I32x4 {
    return this.run("shl", integer(bits));
  }
  shrU(bits: I32 | number): I32x4 {
    return this.run("shr_u", integer(bits));
  }
  eq(other: I32x4): I32x4 {
    return this.run("eq", other);
  }
  geS(other: I32x4): I32x4 {
    return this.run("ge_s", other);
  }
  lane(lane: Lane): I32 {
    return new I32(`(i32x4.extract_lane ${lane} ${this.text})`);
  }
  /** The lanes' highest bits as the lowest four of an integer. */
  bitmask(): I32 {
    return new I32(`(i32x4.bitmask ${this.text})`);
  }
  /** Where a bit of it is 1 that of `a`, else that of `b`. */
  bitselect(a: I32x4, b: I32x4): I32x4 {
    return this.of(`(v128.bitselect ${a.text} ${b.text} ${this.text})`);
  }
  shuffle(other: I32x4, lanes: Lanes): I32x4 {
    return this.of(shuffleText(this.text, other.text, lanes));
  }
  /** The nearest floats to numbers that aren't negative. */
  toFloatsU(): F32x4 {
    return new F32x4(`(f32x4.convert_i32x4_u ${this.text})`);
  }
  /** The same bits as floats. */
  floats(): F32x4 {
    return new F32x4(this.text);
  }
  /** The same bits as integers of 16. */
  shorts(): I16x8 {
    return new I16x8(this.text);
  }
}

/** Eight integers of 16 bits. */
export class I16x8 extends Value<I16x8> {
  readonly kind: "i16x8" = "i16x8" as const;
  protected of(text: string): I16x8 {
    return new I16x8(text);
  }
  geU(other: I16x8): I16x8 {
    return this.run("ge_u", other);
  }
  /** Four of its lanes with their signs, as integers of 32 bits. */
  extendS(half: "low" | "high"): I32x4 {
    return new I32x4(`(i32x4.extend_${half}_i16x8_s ${this.text})`);
  }
  /** The same bits as integers of 32. */
  words(): I32x4 {
    return new I32x4(this.text);
  }
}

/** What leaves one value: {@linkcode I32}, {@linkcode F32x4} and their like. */
interface Coded {
  readonly text: string;
}

/** A type of values: of variables, constants and numbers in memory. */
export interface ValueType<V extends Coded> {
  /** Its name as a variable's type. */
  stored: "i32" | "i64" | "f32" | "f64" | "v128";
  /** The value that `text` leaves. */
  of(text: string): V;
}

function load<V extends Coded>(
  type: ValueType<V>,
  instruction: string,
  pointer: I32,
  offset: number,
): V {
  return type.of(`(${instruction} offset=${offset} ${pointer.text})`);
}

/** Integers of 32 bits; `const` takes text where digits matter, here and below. */
export const i32 = {
  stored: "i32",
  of: (text: string): I32 => new I32(text),
  const: (value: number | string): I32 => new I32(`(i32.const ${value})`),
  load: (pointer: I32, offset = 0): I32 =>
    load(i32, "i32.load", pointer, offset),
} as const;

/** Integers of 64 bits. */
export const i64 = {
  stored: "i64",
  of: (text: string): I64 => new I64(text),
  const: (value: number | string): I64 => new I64(`(i64.const ${value})`),
} as const;

/** Floats of 32 bits. */
export const f32 = {
  stored: "f32",
  of: (text: string): F32 => new F32(text),
  const: (value: number | string): F32 => new F32(`(f32.const ${value})`),
  load: (pointer: I32, offset = 0): F32 =>
    load(f32, "f32.load", pointer, offset),
} as const;

/** Floats of 64 bits. */
export const f64 = {
  stored: "f64",
  of: (text: string): F64 => new F64(text),
  const: (value: number | string): F64 => new F64(`(f64.const ${value})`),
} as const;

/** Vectors of four floats. */
export const f32x4 = {
  stored: "v128",
  of: (text: string): F32x4 => new F32x4(text),
  const: (value: number | string): F32x4 =>
    new F32x4(
      `(v128.const f32x4 ${[value, value, value, value].join(" ")})`,
    ),
  splat: (value: F32): F32x4 => new F32x4(`(f32x4.splat ${value.text})`),
  load: (pointer: I32, offset = 0): F32x4 =>
    load(f32x4, "v128.load", pointer, offset),
  /** One number, in all lanes. */
  loadSplat: (pointer: I32, offset = 0): F32x4 =>
    load(f32x4, "v128.load32_splat", pointer, offset),
  /** One number in the first lane, 0 in the others. */
  loadFirst: (pointer: I32, offset = 0): F32x4 =>
    load(f32x4, "v128.load32_zero", pointer, offset),
  /** `value` with one number in a lane of it. */
  loadLane: (pointer: I32, value: F32x4, lane: number, offset = 0): F32x4 =>
    new F32x4(
      `(v128.load32_lane offset=${offset} ${lane} ${pointer.text} ${value.text})`,
    ),
} as const;

/** Vectors of four integers. */
export const i32x4 = {
  stored: "v128",
  of: (text: string): I32x4 => new I32x4(text),
  const: (value: number | string): I32x4 =>
    i32x4.lanes(value, value, value, value),
  lanes: (...lanes: (number | string)[]): I32x4 =>
    new I32x4(`(v128.const i32x4 ${lanes.join(" ")})`),
  splat: (value: I32): I32x4 => new I32x4(`(i32x4.splat ${value.text})`),
  load: (pointer: I32, offset = 0): I32x4 =>
    load(i32x4, "v128.load", pointer, offset),
  loadFirst: (pointer: I32, offset = 0): I32x4 =>
    load(i32x4, "v128.load32_zero", pointer, offset),
  /** Two integers in the first lanes, 0 in the others. */
  loadPair: (pointer: I32, offset = 0): I32x4 =>
    load(i32x4, "v128.load64_zero", pointer, offset),
  /** Four bytes, as integers from 0 to 255. */
  loadBytes: (pointer: I32): I32x4 =>
    new I32x4(
      `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero ${pointer.text})))`,
    ),
} as const;

/** Vectors of eight integers of 16 bits. */
export const i16x8 = {
  stored: "v128",
  of: (text: string): I16x8 => new I16x8(text),
  splat: (value: I32): I16x8 => new I16x8(`(i16x8.splat ${value.text})`),
} as const;

/** Writes `value` at `pointer` + `offset` bytes. */
export function store(
  pointer: I32,
  value: I32 | F32 | Vector,
  offset = 0,
): Statement {
  const type = value instanceof I32
    ? "i32"
    : value instanceof F32
    ? "f32"
    : "v128";
  return new Statement(
    `(${type}.store offset=${offset} ${pointer.text} ${value.text})`,
  );
}

/** Writes one lane of a vector. */
export function storeLane(
  pointer: I32,
  value: Vector,
  lane: number,
  offset = 0,
): Statement {
  return new Statement(
    `(v128.store32_lane offset=${offset} ${lane} ${pointer.text} ${value.text})`,
  );
}

/** Writes the first `count` lanes of a vector. */
export function storeLanes(
  pointer: I32,
  value: Vector,
  count: number,
  offset = 0,
): Code {
  if (count === 4) return store(pointer, value, offset);
  return range(count).map((lane) =>
    storeLane(pointer, value, lane, offset + 4 * lane)
  );
}

/** Writes two neighbouring lanes of a vector: the first pair or the second. */
export function storePair(
  pointer: I32,
  value: Vector,
  pair: number,
  offset = 0,
): Statement {
  return new Statement(
    `(v128.store64_lane offset=${offset} ${pair} ${pointer.text} ${value.text})`,
  );
}

/** Copies `size` bytes. */
export function copyBytes(to: I32, from: I32, size: I32): Statement {
  return new Statement(`(memory.copy ${to.text} ${from.text} ${size.text})`);
}

/** Sets `size` bytes to 0. */
export function clearBytes(to: I32, size: I32): Statement {
  return new Statement(`(memory.fill ${to.text} (i32.const 0) ${size.text})`);
}

/** A variable of a function: its value, and how it changes. */
export type Variable<V extends Coded> = V & {
  set(value: V): Statement;
  /** Sets it to `value`, which is left as well. */
  tee(value: V): V;
};

/** Variables that are integers. */
export type Pointer = Variable<I32>;

function makeVariable<V extends Coded>(
  type: ValueType<V>,
  name: string,
): Variable<V> {
  return Object.assign(type.of(`(local.get $${name})`), {
    set: (value: V) => new Statement(`(local.set $${name} ${value.text})`),
    tee: (value: V) => type.of(`(local.tee $${name} ${value.text})`),
  });
}

/** Adds `by` to a variable. */
export function advance(variable: Pointer, by: I32 | number): Statement {
  return variable.set(variable.add(by));
}

/** `then` where `condition` isn't 0, else `otherwise`. */
export function when(
  condition: I32,
  then: Code,
  otherwise: Code = [],
): Statement {
  const other = textOf(otherwise);
  return new Statement(
    `(if ${condition.text} (then ${textOf(then)})${
      other && ` (else ${other})`
    })`,
  );
}

/** `a` where `condition` isn't 0, else `b`; only one of them is computed. */
export function either<V extends Coded>(
  type: ValueType<V>,
  condition: I32,
  a: NoInfer<V>,
  b: NoInfer<V>,
): V {
  return type.of(
    `(if (result ${type.stored}) ${condition.text} (then ${a.text}) (else ${b.text}))`,
  );
}

/** `a` where `condition` isn't 0, else `b`; both are computed. */
export function select(
  a: I32 | number,
  b: I32 | number,
  condition: I32,
): I32 {
  return new I32(
    `(select ${integer(a).text} ${integer(b).text} ${condition.text})`,
  );
}

/** The lesser of two signed integers, each of which is computed twice. */
export function lesser(a: I32, b: I32 | number): I32 {
  return select(a, b, a.ltS(b));
}

/** Repeats `body` for ever, but for {@linkcode leaveIf}. */
export function repeat(body: Code): Statement {
  return new Statement(`(block $done (loop $next
    ${textOf(body)}
    (br $next)))`);
}

/** Repeats `body` until `condition`, which comes first, isn't 0. */
export function until(condition: I32, body: Code): Statement {
  return repeat([leaveIf(condition), body]);
}

/** Leaves the innermost loop of `repeat` or `until` where `condition` isn't 0. */
export function leaveIf(condition: I32): Statement {
  return new Statement(`(br_if $done ${condition.text})`);
}

/** Does `body`, and again while `condition` isn't 0. */
export function repeatWhile(condition: I32, body: Code): Statement {
  return new Statement(`(loop $again
    ${textOf(body)}
    (br_if $again ${condition.text}))`);
}

/** Ends the function. */
export const LEAVE: Statement = new Statement("(return)");

/**
 * Repeats `body` while `variable`, decreased by `step` after each pass, is at least
 * `step`; not at all if it is less at first.
 */
export function countDown(
  variable: Pointer,
  step: number,
  body: Code,
): Statement {
  return when(
    variable.geS(step),
    repeatWhile(variable.tee(variable.sub(step)).geS(step), body),
  );
}

/** Repeats `body` for `variable` = 0, `step`, 2·`step`, … below `limit`. */
export function countUp(
  variable: Pointer,
  step: number,
  limit: I32,
  body: Code,
): Code {
  return [
    variable.set(i32.const(0)),
    when(
      variable.ltS(limit),
      repeatWhile(variable.tee(variable.add(step)).ltS(limit), body),
    ),
  ];
}

/** 0, 1, …, n − 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}

/** Types by the names of what has them. */
export type Types = Record<string, ValueType<Coded>>;

function assertNames<Name extends string, T>(
  names: Name[],
  types: { [name: string]: T },
): asserts types is Record<Name, T> {
  for (const name of names) {
    if (!(name in types)) throw new Error(`Nothing is called ${name}`);
  }
}

/** One type for each of `names`, in their order. */
export function named<T, Name extends string>(
  type: T,
  ...names: Name[]
): Record<Name, T> {
  const types: { [name: string]: T } = {};
  for (const name of names) types[name] = type;
  assertNames(names, types);
  return types;
}

type ValueOf<T> = T extends ValueType<infer V> ? V : never;

/** A variable of each type, by its name. */
export type Variables<T extends Types> = {
  [Name in keyof T]: Variable<ValueOf<T[Name]>>;
};

/** A value of each type, by its name. */
type Values<T extends Types> = { [Name in keyof T]: ValueOf<T[Name]> };

function assertVariables<T extends Types>(
  types: T,
  variables: Record<string, Coded>,
): asserts variables is Variables<T> {
  assertNames(Object.keys(types), variables);
}

function variablesOf<T extends Types>(types: T): Variables<T> {
  const variables: Record<string, Coded> = {};
  for (const name in types) {
    variables[name] = makeVariable(types[name], name);
  }
  assertVariables(types, variables);
  return variables;
}

/** Where a function declares its variables beside its parameters. */
export class Scope {
  /** As text, in the order in which they were asked for. */
  readonly declarations: string[] = [];

  /** New variables, 0 at first. */
  locals<T extends Types>(types: T): Variables<T> {
    for (const name in types) {
      this.declarations.push(`(local $${name} ${types[name].stored})`);
    }
    return variablesOf(types);
  }

  /** `count` new variables of one type, called `name` and their number. */
  array<V extends Coded>(
    name: string,
    count: number,
    type: ValueType<V>,
  ): Variable<V>[] {
    return range(count).map((index) => {
      this.declarations.push(`(local $${name}${index} ${type.stored})`);
      return makeVariable(type, `${name}${index}`);
    });
  }
}

/** A function as text, which other functions of its module may call. */
export interface WasmFunction {
  text: string;
}

/** A function that the module exports as `Name`. */
export interface ExportedFunction<Name extends string> extends WasmFunction {
  exported: Name;
}

function functionText(
  head: string,
  parameters: Types,
  result: string,
  { declarations }: Scope,
  body: string,
): string {
  const named = Object.entries(parameters).map(([name, { stored }]) =>
    `(param $${name} ${stored})`
  );
  return `(func ${head} ${named.join(" ")} ${result}
    ${declarations.join(" ")}
    ${body})`;
}

function callText<P extends Types>(
  name: string,
  parameters: P,
  values: Record<string, Coded>,
): string {
  const given = Object.keys(parameters).map((key) => values[key].text);
  return `(call $${name} ${given.join(" ")})`;
}

/** A function that JavaScript calls with the values of `parameters`, in their order. */
export function exportFunction<Name extends string, P extends Types>(
  name: Name,
  parameters: P,
  body: (parameters: Variables<P>, scope: Scope) => Code,
): ExportedFunction<Name> {
  const scope = new Scope();
  const code = textOf(body(variablesOf(parameters), scope));
  return {
    exported: name,
    text: functionText(`(export "${name}")`, parameters, "", scope, code),
  };
}

/** A function that others of its module call. */
export function defineFunction<P extends Types>(
  name: string,
  parameters: P,
  body: (parameters: Variables<P>, scope: Scope) => Code,
): WasmFunction & { call(values: Values<P>): Statement } {
  const scope = new Scope();
  const code = textOf(body(variablesOf(parameters), scope));
  return {
    text: functionText(`$${name}`, parameters, "", scope, code),
    call: (values) => new Statement(callText(name, parameters, values)),
  };
}

/** A function that others of its module call for its value. */
export function defineValue<P extends Types, V extends Coded>(
  name: string,
  parameters: P,
  type: ValueType<V>,
  body: (parameters: Variables<P>, scope: Scope) => [code: Code, value: V],
): WasmFunction & { call(values: Values<P>): V } {
  const scope = new Scope();
  const [code, value] = body(variablesOf(parameters), scope);
  const result = `(result ${type.stored})`;
  const text = `${textOf(code)} ${value.text}`;
  return {
    text: functionText(`$${name}`, parameters, result, scope, text),
    call: (values) => type.of(callText(name, parameters, values)),
  };
}

/** A function of ours that reads and writes tfjs's heap; pointers are byte offsets. */
export type HeapFunction = (...values: number[]) => number;

/** A module whose functions run on tfjs's heap. */
export interface WasmModule<Name extends string> {
  /** For messages. */
  name: string;
  /** Makes its text, and says what it exports. */
  make(): { text: string; exported: Name[] };
  /** Its functions on each heap that they have run on. */
  instances: WeakMap<WebAssembly.Memory, Record<Name, HeapFunction>>;
}

/** The module of `functions`, which are made when it is first used. */
export function defineModule<Name extends string>(
  name: string,
  functions: () => (ExportedFunction<Name> | WasmFunction)[],
): WasmModule<Name> {
  return {
    name,
    instances: new WeakMap(),
    make: () => {
      const made = functions();
      return {
        text: `(module (import "env" "memory" (memory 1))
${made.map(({ text }) => text).join("\n")})`,
        exported: made.flatMap((each) =>
          "exported" in each ? [each.exported] : []
        ),
      };
    },
  };
}

/** `make`, called once for each `spec`. */
export function memoise<Spec, T>(
  make: (spec: Spec) => T,
): (spec: Spec) => T {
  const known = new Map<string, T>();
  return (spec) => {
    const key = JSON.stringify(spec);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(spec);
    known.set(key, made);
    return made;
  };
}

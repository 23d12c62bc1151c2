/** `(local.get $name)`. */
export function get(name: string): string {
  return `(local.get $${name})`;
}

/** `(local.set $name value)`. */
export function set(name: string, value: string): string {
  return `(local.set $${name} ${value})`;
}

/** A constant of 32 bits. */
export function i32(value: number): string {
  return `(i32.const ${value})`;
}

/** a + b of 32-bit integers. */
export function add(a: string, b: string): string {
  return `(i32.add ${a} ${b})`;
}

/** a − b of 32-bit integers. */
export function subtract(a: string, b: string): string {
  return `(i32.sub ${a} ${b})`;
}

/** a·b of 32-bit integers. */
export function multiply(a: string, b: string): string {
  return `(i32.mul ${a} ${b})`;
}

/** Adds `by` to the local variable `name`. */
export function advance(name: string, by: string): string {
  return set(name, add(get(name), by));
}

/** Parameters, all `i32`. */
export function parameters(...names: string[]): string {
  return names.map((name) => `(param $${name} i32)`).join(" ");
}

/** Local variables, all `i32`. */
export function integers(...names: string[]): string {
  return names.map((name) => `(local $${name} i32)`).join(" ");
}

/** Local variables, all `v128`. */
export function vectors(...names: string[]): string {
  return names.map((name) => `(local $${name} v128)`).join(" ");
}

/** 0, 1, …, n − 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}

/**
 * Repeats `body` while `name`, decreased by `step` after each pass, is at least
 * `step`; not at all if it is less at first. `label` is unique in its function.
 */
export function countDown(
  label: string,
  name: string,
  step: number,
  body: string,
): string {
  return `(if (i32.ge_s ${get(name)} ${i32(step)}) (then (loop $${label}
    ${body}
    (br_if $${label} (i32.ge_s
      (local.tee $${name} (i32.sub ${get(name)} ${i32(step)}))
      ${i32(step)})))))`;
}

/** Repeats `body` for `name` = 0, `step`, 2·`step`, … below `limit`. */
export function countUp(
  label: string,
  name: string,
  step: number,
  limit: string,
  body: string,
): string {
  return `${set(name, i32(0))}
  (if (i32.lt_s ${get(name)} ${limit}) (then (loop $${label}
    ${body}
    (br_if $${label} (i32.lt_s
      (local.tee $${name} ${add(get(name), i32(step))})
      ${limit})))))`;
}

/** The lane `lane` of the vector `v`, in all four lanes. */
export function splatLane(v: string, lane: number): string {
  return shuffle(v, v, [lane, lane, lane, lane]);
}

/** Four lanes out of the eight of `a` and `b`, which count from 0 and from 4. */
export function shuffle(a: string, b: string, lanes: number[]): string {
  const bytes = lanes.flatMap((lane) =>
    range(4).map((byte) => 4 * lane + byte)
  );
  return `(i8x16.shuffle ${bytes.join(" ")} ${a} ${b})`;
}

/** a·b + c in each lane: rounded once if `fused`, else twice. */
export function multiplyAdd(
  a: string,
  b: string,
  c: string,
  fused: boolean,
): string {
  return fused
    ? `(f32x4.relaxed_madd ${a} ${b} ${c})`
    : `(f32x4.add (f32x4.mul ${a} ${b}) ${c})`;
}

/** The lesser of two signed 32-bit integers, each of which is evaluated twice. */
export function lesser(a: string, b: string): string {
  return `(select ${a} ${b} (i32.lt_s ${a} ${b}))`;
}

import {
  advance,
  type Code,
  type F32x4,
  f32x4,
  type I32,
  type I32x4,
  i32x4,
  type Pointer,
  type Statement,
  store,
  storeLane,
  until,
  type Vector,
  when,
} from "./code.ts";
import {
  drawEight,
  drawOne,
  findWord,
  type Mask,
  maskOf,
} from "./dropout_mask.ts";

/** How the body of a loop over elements reaches those of its turn. */
export interface Turn {
  /** The turn's elements at the pointer; of one element, in the first lane. */
  load(pointer: I32): F32x4;
  loadIntegers(pointer: I32): I32x4;
  /** Writes a vector's elements at the pointer. */
  store(pointer: I32, value: Vector): Statement;
  /** `value` times the turn's factors from dropout, where there is any; to use once. */
  drop(value: F32x4): F32x4;
}

function vectorTurn(offset: 0 | 16, mask: Mask | undefined): Turn {
  return {
    load: (pointer) => f32x4.load(pointer, offset),
    loadIntegers: (pointer) => i32x4.load(pointer, offset),
    store: (pointer, value) => store(pointer, value, offset),
    drop: (value) =>
      mask ? value.mul(maskOf(mask, offset === 0 ? "low" : "high")) : value,
  };
}

function singleTurn(mask: Mask | undefined): Turn {
  return {
    load: (pointer) => f32x4.loadFirst(pointer),
    loadIntegers: (pointer) => i32x4.loadFirst(pointer),
    store: (pointer, value) => storeLane(pointer, value, 0),
    drop: (value) => mask ? value.mul(maskOf(mask, "low")) : value,
  };
}

/**
 * A loop over the `count` elements at `pointers`, which it moves on: eight a turn, the
 * rest one by one in the first lane. `body` gives the statements for the elements of
 * a turn.
 *
 * With `mask` the elements are numbered from its `index`, and a turn's factors are
 * theirs: an odd first element goes by itself, since two share a word.
 */
export function elementLoop(
  { pointers, count, mask, body }: {
    pointers: Pointer[];
    count: Pointer;
    mask?: Mask;
    body: (turn: Turn) => Code;
  },
): Code {
  const move = (elements: number) => [
    ...pointers.map((pointer) => advance(pointer, 4 * elements)),
    advance(count, -elements),
  ];
  const single = [
    mask ? drawOne(mask) : [],
    body(singleTurn(mask)),
    move(1),
  ];
  return [
    mask ? [findWord(mask), when(mask.odd.and(count.ne(0)), single)] : [],
    until(count.ltU(8), [
      mask ? drawEight(mask) : [],
      body(vectorTurn(0, mask)),
      body(vectorTurn(16, mask)),
      move(8),
    ]),
    until(count.eqz(), single),
  ];
}

import { DRAW_EIGHT, DRAW_ONE, maskOf } from "./dropout_mask.ts";

/** How the body of a loop over elements reaches those of its turn. */
export interface Turn {
  /** The turn's elements at the pointer, as f32x4; of one element, in the first lane. */
  load(pointer: string): string;
  /** A statement that writes a vector's elements at the pointer. */
  store(pointer: string, value: string): string;
  /** The turn's factors from dropout; an expression to use once. */
  mask: string;
}

function vectorTurn(offset: 0 | 16): Turn {
  return {
    load: (pointer) => `(v128.load offset=${offset} (local.get ${pointer}))`,
    store: (pointer, value) =>
      `(v128.store offset=${offset} (local.get ${pointer}) ${value})`,
    mask: maskOf(offset === 0 ? "low" : "high"),
  };
}

const SINGLE_TURN: Turn = {
  load: (pointer) => `(v128.load32_zero (local.get ${pointer}))`,
  store: (pointer, value) =>
    `(v128.store32_lane 0 (local.get ${pointer}) ${value})`,
  mask: maskOf("low"),
};

/**
 * The text of a loop over the `$count` elements at `pointers`, which it moves on:
 * eight a turn, the rest one by one in the first lane. `body` gives the
 * statements for the elements of a turn.
 *
 * With `dropout` the elements are numbered from `$index` (i64), and a turn's mask
 * is theirs: an odd first element goes by itself, since two share a word.
 */
export function elementLoop(
  { pointers, dropout = false, body }: {
    pointers: string[];
    dropout?: boolean;
    body: (turn: Turn) => string;
  },
): string {
  const move = (pointer: string, bytes: number) =>
    `(local.set ${pointer} (i32.add (local.get ${pointer}) (i32.const ${bytes})))`;
  const advance = (elements: number) =>
    [
      ...pointers.map((pointer) => move(pointer, 4 * elements)),
      move("$count", -elements),
    ].join("\n");
  const single = `
    ${dropout ? DRAW_ONE : ""}
    ${body(SINGLE_TURN)}
    ${advance(1)}`;
  const start = `
    (local.set $counter
      (i32.wrap_i64 (i64.shr_u (local.get $index) (i64.const 1))))
    (local.set $odd (i32.and (i32.wrap_i64 (local.get $index)) (i32.const 1)))
    (if (i32.and (local.get $odd) (i32.ne (local.get $count) (i32.const 0)))
      (then ${single}))`;
  return `
    ${dropout ? start : ""}
    (block $noneWide (loop $wide
      (br_if $noneWide (i32.lt_u (local.get $count) (i32.const 8)))
      ${dropout ? DRAW_EIGHT : ""}
      ${body(vectorTurn(0))}
      ${body(vectorTurn(16))}
      ${advance(8)}
      (br $wide)))
    (block $noneSingle (loop $single
      (br_if $noneSingle (i32.eqz (local.get $count)))
      ${single}
      (br $single)))`;
}

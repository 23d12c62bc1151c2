import {
  type Code,
  type ExportedFunction,
  exportFunction,
  f32,
  type F32x4,
  f32x4,
  f64,
  type I16x8,
  i16x8,
  i32,
  type I32x4,
  i32x4,
  i64,
  named,
  type Scope,
  type Types,
  type Variable,
  type Variables,
} from "./code.ts";

/** Parameters of a function that draws a mask, as `maskArguments` gives them. */
export const MASK_PARAMETERS = {
  threshold: i32,
  scale: f32,
  key0: i32,
  key1: i32,
  first: f64,
};

const STATE = { index: i64, counter: i32, odd: i32, word: i32x4, kept: i16x8 };

/** Vectors that stay the same: set once, they stay in registers. */
const CONSTANTS = {
  ...named(i32x4, "first16", "second15", "next", "keys0", "keys1"),
  thresholds: i16x8,
  keptScale: f32x4,
};

/** What a function that draws a mask has: `index` is the number of its next element. */
export type Mask = Variables<typeof STATE & typeof CONSTANTS>;

/** The last locals of a function that draws a mask, and what it does first. */
export function startMask(
  { threshold, scale, key0, key1, first }: Variables<typeof MASK_PARAMETERS>,
  scope: Scope,
): { mask: Mask; start: Code } {
  const mask = scope.locals({ ...STATE, ...CONSTANTS });
  return {
    mask,
    start: [
      mask.first16.set(i32x4.const("0x21f0aaad")),
      mask.second15.set(i32x4.const("0xd35a2d97")),
      mask.next.set(i32x4.lanes(0, 1, 2, 3)),
      mask.keys0.set(i32x4.splat(key0)),
      mask.keys1.set(i32x4.splat(key1)),
      mask.thresholds.set(i16x8.splat(threshold)),
      mask.keptScale.set(f32x4.splat(scale)),
      mask.index.set(first.truncU()),
    ],
  };
}

/** A mask as a function begins it: none where it drops nothing. */
interface Begun {
  mask?: Mask;
  start: Code;
}

/**
 * A function that JavaScript calls, whose first parameters are the mask's if
 * `dropout`. Its body calls `begin` once it has declared its own locals.
 */
export function exportMasked<Name extends string, P extends Types>(
  { name, dropout, parameters }: {
    name: Name;
    dropout: boolean;
    parameters: P;
  },
  body: (parameters: Variables<P>, scope: Scope, begin: () => Begun) => Code,
): ExportedFunction<Name> {
  return dropout
    ? exportFunction(
      name,
      { ...MASK_PARAMETERS, ...parameters },
      (all, scope) => body(all, scope, () => startMask(all, scope)),
    )
    : exportFunction(
      name,
      parameters,
      (own, scope) => body(own, scope, () => ({ start: [] })),
    );
}

/** Sets `counter` and `odd` to where in the sequence of words `index` is. */
export function findWord({ index, counter, odd }: Mask): Code {
  return [
    counter.set(index.shrU(1).wrap()),
    odd.set(index.wrap().and(1)),
  ];
}

/** x ← x ⊕ (x ≫ `bits`). */
function fold(word: Variable<I32x4>, bits: number): I32x4 {
  return word.xor(word.shrU(bits));
}

function mix({ word, first16, second15 }: Mask): Code {
  return [
    word.set(fold(word, 16).mul(first16)),
    word.set(fold(word, 15).mul(second15)),
    word.set(fold(word, 15)),
  ];
}

/**
 * Sets `word` to four words of the sequence of core/random/counter.ts, those
 * numbered `counters`, for the mask's key.
 */
export function drawWords(mask: Mask, counters: I32x4): Code {
  const { word, keys0, keys1 } = mask;
  return [
    word.set(counters.xor(keys0)),
    mix(mask),
    word.set(word.xor(keys1)),
    mix(mask),
  ];
}

/**
 * Eight lanes of 16 bits, all ones where `words`' 16 bits keep an element. A word's
 * lower half comes first, as on a little-endian machine, so that the lanes have
 * the elements' order.
 */
export function keptLanes({ thresholds }: Mask, words: I32x4): I16x8 {
  return words.shorts().geU(thresholds);
}

/** Draws `kept` for eight elements, the first of the even number 2·`counter`. */
export function drawEight(mask: Mask): Code {
  const { counter, next, kept, word } = mask;
  return [
    drawWords(mask, i32x4.splat(counter).add(next)),
    kept.set(keptLanes(mask, word)),
    counter.set(counter.add(4)),
  ];
}

/** Draws `kept` for the element numbered 2·`counter` + `odd`, into the first lane. */
export function drawOne(mask: Mask): Code {
  const { counter, odd, kept, word } = mask;
  return [
    drawWords(mask, i32x4.splat(counter)),
    kept.set(keptLanes(mask, word.shrU(odd.shl(4)))),
    counter.set(counter.add(odd)),
    odd.set(odd.xor(1)),
  ];
}

/** The factors of the elements whose lanes in `kept` are its `half`. */
export function maskOf(
  { kept, keptScale }: Mask,
  half: "low" | "high",
): F32x4 {
  return kept.extendS(half).and(keptScale).floats();
}

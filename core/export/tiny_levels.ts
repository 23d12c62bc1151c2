/** A whole number that a script is to read back. */
export interface Level {
  /** What it is: a weight, or a bias. */
  kind: "weight" | "bias";
  value: number;
}

/** Numbers as text in a script, and the script's own code that reads them. */
export interface LevelCode {
  /** Statements that declare the text and its reader. */
  declare: string;
  /** Statements after which the reader begins with the first number. */
  begin: string;
  /** The next number, by what it is. */
  next: Record<Level["kind"], string>;
}

/** A character is a digit of so many values: what ASCII has from `#` to `~`. */
const DIGITS = 92;
/** Code of the character that is 0. */
const FIRST = "#".charCodeAt(0);

/** One step of a reader: which part of its state the number was, and how large that may be. */
interface Step {
  /** State modulo `total` lies in [`start`, `start` + `frequency`) for this number. */
  start: number;
  frequency: number;
  total: number;
  /** The state is at least this, and less than {@linkcode DIGITS} times it. */
  least: number;
}

/**
 * The text from which a reader takes `steps`. It keeps one number n, its state, and

 * 1. while n < least: n = 92·n + the next digit;
 * 2. r = n mod total, which says what comes;
 * 3. n = ⌊n / total⌋ · frequency + r − start.
 *
 * This goes the other way, from the last number to the first (range asymmetric numeral
 * systems, Duda, arXiv 1311.2540). A number costs log₂(total / frequency) bits.
 */
function writeText(steps: readonly Step[]): string {
  const text: string[] = [];
  const put = (digit: number) =>
    text.push(String.fromCharCode(FIRST + digit).replace("\\", "\\\\"));
  let state = 0;
  for (const { start, frequency, total, least } of steps.toReversed()) {
    // What a state from `least` on becomes at step 3.
    const low = least / total * frequency;
    state ||= low;
    for (; state >= DIGITS * low; state = Math.floor(state / DIGITS)) {
      put(state % DIGITS);
    }
    state = Math.floor(state / frequency) * total + start + state % frequency;
  }
  for (; state > 0; state = Math.floor(state / DIGITS)) put(state % DIGITS);
  return text.reverse().join("");
}

/** The largest state: readers round down by `|0`. */
const LARGEST_STATE = 2 ** 31;

/** Bounds that are tried, for a text with as few `\` as can be, which take two characters. */
const TRIES = 400;

/** The shortest of the codes that `write` makes of 1, 2, 3 …, no text of which ends a script. */
function findShortest(write: (attempt: number) => LevelCode): LevelCode {
  let best: LevelCode | undefined;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const code = write(attempt);
    if (/<(\/?script|!--)/i.test(code.declare)) continue;
    if (best && best.declare.length <= code.declare.length) continue;
    best = code;
  }
  if (!best) {
    throw new RangeError(
      "Cannot write levels as text: each text would end a script: write the page without --tiny",
    );
  }
  return best;
}

/** The least even radix R whose numbers −R/2 … R/2 − 1 include all of `levels`. */
function radixOf(levels: readonly Level[]): number {
  return levels.reduce(
    (radix, { value }) => Math.max(radix, -2 * value, 2 * value + 2),
    2,
  );
}

/** Each number of as many bits as the largest of its kind needs, or a part of one. */
function writeEven(levels: readonly Level[]): LevelCode {
  const [weight, bias] = (["weight", "bias"] as const).map((kind) =>
    radixOf(levels.filter((level) => level.kind === kind))
  );
  return findShortest((attempt) => {
    // A multiple of both radices, so that a state never falls between two ranges.
    const least = weight * bias / 2 * attempt;
    const text = writeText(levels.map(({ kind, value }) => {
      const total = kind === "bias" ? bias : weight;
      return { start: value + total / 2, frequency: 1, total, least };
    }));
    return {
      declare: `S="${text}"
D=R=>{for(;n<${least};)n=n*${DIGITS}+S.charCodeAt(l++)-${FIRST};s=n%R;n=n/R|0;return s-R/2}`,
      begin: "n=l=0",
      next: { weight: `D(${weight})`, bias: `D(${bias})` },
    };
  });
}

/** Each number by how often it came before, 1 being added to all: C of Q counts. */
function writeAdaptive(levels: readonly Level[]): LevelCode {
  const radix = radixOf(levels);
  const counts = Array<number>(radix).fill(1);
  const shares = levels.map(({ value }, total) => {
    const symbol = value + radix / 2;
    const start = counts.slice(0, symbol).reduce((sum, each) => sum + each, 0);
    return { start, frequency: counts[symbol]++, total: total + radix };
  });
  const most = LARGEST_STATE / DIGITS / (levels.length + radix);
  return findShortest((attempt) => {
    const factor = Math.max(1, Math.min(Math.floor(most), 16 + attempt));
    const text = writeText(
      shares.map((share) => ({ ...share, least: factor * share.total })),
    );
    return {
      declare: `S="${text}"
D=_=>{for(;n<Q*${factor};)n=n*${DIGITS}+S.charCodeAt(l++)-${FIRST};u=n%Q;n=n/Q++|0;for(s=0;u>=C[s];)u-=C[s++];n=n*C[s]+++u;return s-${
        radix / 2
      }}`,
      begin: `n=l=0;C=Array(Q=${radix}).fill(1)`,
      next: { weight: "D()", bias: "D()" },
    };
  });
}

/** How many characters a script has of `code`. */
function lengthOf({ declare, begin, next }: LevelCode): number {
  return [declare, begin, next.weight, next.bias].join("").length;
}

/**
 * `levels` as text, and the code that reads them back in their order: of equal bits each,
 * or, by longer code, of fewer bits the more often a number comes; whichever is shorter
 * as a whole. Names that the code has: `S`, `D`, `n`, `l`, `s`, and `Q`, `C`, `u`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeLevels } from "./tiny_levels.ts";
 *
 * const levels = [7, -3, 0].map((value) => ({ kind: "weight" as const, value }));
 * const { declare, begin, next } = writeLevels(levels);
 * const read = new Function(`${declare};${begin};return [${next.weight},${next.weight},${next.weight}]`);
 * assertEquals(read(), [7, -3, 0]);
 * ```
 */
export function writeLevels(levels: readonly Level[]): LevelCode {
  const [even, adaptive] = [writeEven(levels), writeAdaptive(levels)];
  return lengthOf(adaptive) < lengthOf(even) ? adaptive : even;
}

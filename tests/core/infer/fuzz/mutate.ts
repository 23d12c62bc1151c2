import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";

/** What stands at the ends of what a byte, or a number of several, can say. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** Bytes at a file's beginning that are changed as often as all the rest. */
const HEADER = 32;

/** Joins `parts`. */
function join(...parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A place in `bytes`: every second time near their beginning. */
function drawPlace(random: Xoshiro128, bytes: Uint8Array): number {
  const end = random.below(2) === 0
    ? Math.min(HEADER, bytes.length)
    : bytes.length;
  return random.below(Math.max(1, end));
}

function drawBytes(random: Xoshiro128, count: number): number[] {
  return Array.from({ length: count }, () => random.below(256));
}

type Mutation = (
  bytes: Uint8Array<ArrayBuffer>,
  random: Xoshiro128,
  other: Uint8Array,
) => Uint8Array<ArrayBuffer>;

const MUTATIONS: Record<string, Mutation> = {
  flipBit(bytes, random) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[drawPlace(random, bytes)] ^= 1 << random.below(8);
    return copy;
  },
  setByte(bytes, random) {
    const copy = bytes.slice();
    copy[drawPlace(random, bytes)] = random.below(256);
    return copy;
  },
  setExtreme(bytes, random) {
    const copy = bytes.slice();
    copy[drawPlace(random, bytes)] = EXTREMES[random.below(EXTREMES.length)];
    return copy;
  },
  // Integers of several bytes, and those whose bytes say that more follow.
  setExtremes(bytes, random) {
    const copy = bytes.slice();
    const place = drawPlace(random, bytes);
    copy.fill(
      EXTREMES[random.below(EXTREMES.length)],
      place,
      place + 1 + random.below(8),
    );
    return copy;
  },
  insertInteger(bytes, random) {
    const place = drawPlace(random, bytes);
    const more = new Array(1 + random.below(5)).fill(0xff);
    const [before, after] = [
      bytes.subarray(0, place),
      bytes.subarray(place + 1),
    ];
    return join(before, more, [random.below(128)], after);
  },
  truncate: (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  extend: (bytes, random) =>
    join(bytes, drawBytes(random, 1 + random.below(20))),
  insert(bytes, random) {
    const place = drawPlace(random, bytes);
    const some = drawBytes(random, 1 + random.below(8));
    return join(bytes.subarray(0, place), some, bytes.subarray(place));
  },
  remove(bytes, random) {
    const place = drawPlace(random, bytes);
    const end = place + 1 + random.below(8);
    return join(bytes.subarray(0, place), bytes.subarray(end));
  },
  repeat(bytes, random) {
    const place = drawPlace(random, bytes);
    const end = place + 1 + random.below(16);
    return join(bytes.subarray(0, end), bytes.subarray(place));
  },
  splice(bytes, random, other) {
    const [place, from] = [drawPlace(random, bytes), drawPlace(random, other)];
    return join(bytes.subarray(0, place), other.subarray(from));
  },
};

const NAMES = Object.keys(MUTATIONS);

/**
 * `bytes` with one to four changes: bits, bytes, integers at their extremes, ranges
 * cut, put in or repeated, or the end of `other` in place of its own.
 */
export function mutate(
  bytes: Uint8Array<ArrayBuffer>,
  random: Xoshiro128,
  other: Uint8Array,
): Uint8Array<ArrayBuffer> {
  let mutated = bytes;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const name = NAMES[random.below(NAMES.length)];
    mutated = MUTATIONS[name](mutated, random, other);
  }
  return mutated;
}

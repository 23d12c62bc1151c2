import { crc32 } from "node:zlib";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import {
  mutateDecisions,
  readDecisions,
  turnDecisions,
  writeDecisions,
  writeModel,
} from "../fuzz/decisions.ts";
import { Inputs, SMALL } from "../fuzz/draw_input.ts";
import { drawIntegerModel } from "../fuzz/draw_model.ts";
import { mutate } from "../fuzz/mutate.ts";
import { compareDecoders, type Comparison } from "./compare.ts";
import { drawPlainModel } from "./draw_plain_model.ts";
import type { SecondDecoder } from "./second_decoder.ts";

/** Files that are asked about at once. */
const BATCH = 64;
/** Differences that are reported in full. */
const MOST_DIFFERENCES = 20;
/** Length from which on a file says it in 32 bits. */
const LONG = 8191;
/**
 * Models of versions 1 and 2, and as many of version 4, that mutations begin with, beside
 * those of the fuzzer, mostly of version 3.
 */
const SEEDS = 100;
/** Files with an outcome that was new whose streams are changed further, at the most. */
const MOST_KEPT = 1000;

type Bytes = Uint8Array<ArrayBuffer>;

/** What a file is of, and the file. */
interface Drawn {
  family: string;
  bytes: Bytes;
  /** The fuzzer's own, to be changed further where its outcome is new. */
  input?: Parameters<Inputs["keep"]>[0];
}

/**
 * `stream` in a whole file of `version`, as DRAM.md has it, its length in the long form if
 * `isLong`; version 4 says none.
 */
function frame(stream: Uint8Array, version: number, isLong: boolean): Bytes {
  if (version === 4) {
    const bytes = new Uint8Array(stream.length + 4);
    new DataView(bytes.buffer).setUint32(0, 4 << 21 | crc32(stream) >>> 11);
    bytes[0] = 0xd7;
    bytes.set(stream, 4);
    return bytes;
  }
  const length = stream.length + (isLong ? 11 : 7);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0xd7;
  view.setUint16(1, version << 13 | (isLong ? LONG : length));
  if (isLong) view.setUint32(3, length);
  bytes.set(stream, isLong ? 7 : 3);
  view.setUint32(length - 4, crc32(bytes.subarray(0, length - 4)));
  return bytes;
}

function streamOf(bytes: Bytes): Bytes {
  if (bytes[1] >> 5 === 4) return bytes.slice(4);
  return bytes.slice(((bytes[1] & 31) << 8 | bytes[2]) === LONG ? 7 : 3, -4);
}

/** Draws files, nine of ten of them under a right checksum. */
class Files {
  #random: Xoshiro128;
  #inputs: Inputs;
  /** Models of versions 1 and 2. */
  #plain: Bytes[];
  /** Those of version 4. */
  #integers: Bytes[];
  /** Whole files: those, what we ship, and what is drawn. */
  #whole: Bytes[];

  constructor(random: Xoshiro128, shipped: Bytes[]) {
    this.#random = random;
    this.#inputs = new Inputs(random);
    const drawSeeds = (drawModel: (random: Xoshiro128) => EncodedModel) =>
      Array.from(
        { length: SEEDS },
        () => writeModel(random, drawModel(random)),
      );
    this.#plain = drawSeeds(drawPlainModel);
    this.#integers = drawSeeds(drawIntegerModel);
    this.#whole = [...shipped, ...this.#plain, ...this.#integers];
  }

  /** Bytes of a stream changed, in a right frame of its version, or of another. */
  #drawStream(): Drawn {
    const random = this.#random;
    const [one, other] = [0, 0].map(() =>
      this.#whole[random.below(this.#whole.length)]
    );
    const version = random.below(16) === 0 ? random.below(8) : one[1] >> 5;
    const stream = mutate(streamOf(one), random, streamOf(other));
    const isLong = stream.length + 7 >= LONG || random.below(32) === 0;
    return { family: "changed stream", bytes: frame(stream, version, isLong) };
  }

  /** Decisions of one of `seeds` changed, and written anew. */
  #drawDecisions(seeds: Bytes[]): ReturnType<typeof writeDecisions> {
    const random = this.#random;
    const [one, other] = [0, 0].map(() =>
      readDecisions(seeds[random.below(seeds.length)])
    );
    const changed = mutateDecisions(random, one, { other, most: 3 });
    const draw = (probability: number) =>
      random.uint32() / 2 ** 16 < probability ? 1 : 0;
    return writeDecisions(changed, { draw, budget: SMALL });
  }

  #drawPlain(): Drawn {
    const { bytes } = this.#drawDecisions(this.#plain);
    return { family: "changed decisions of a plain model", bytes };
  }

  #drawIntegers(): Drawn {
    const { bytes, model } = this.#drawDecisions(this.#integers);
    if (model && this.#integers.length < MOST_KEPT) this.#integers.push(bytes);
    return { family: "changed decisions of a model of integers", bytes };
  }

  /** A whole model of small ones of all versions, written as if no rule had to hold. */
  #drawTurned(): Drawn {
    const random = this.#random;
    const seeds = random.below(2) === 0 ? this.#plain : this.#integers;
    const bytes = turnDecisions(random, seeds[random.below(seeds.length)]);
    return { family: "turned decisions", bytes };
  }

  draw(): Drawn {
    const kind = this.#random.below(12);
    if (kind < 2) return this.#drawStream();
    if (kind === 2) return this.#drawPlain();
    if (kind < 5) return this.#drawIntegers();
    if (kind < 7) return this.#drawTurned();
    for (;;) {
      const input = this.#inputs.draw();
      if (!("bytes" in input)) continue; // a link
      const { family, bytes } = input;
      if (family === "whole" && this.#whole.length < MOST_KEPT) {
        this.#whole.push(bytes);
      }
      return { family, bytes, input };
    }
  }

  /** Keeps what had an outcome that was new, to change it further. */
  keep({ bytes, input }: Drawn): void {
    if (input) this.#inputs.keep(input);
    if (bytes.length > 7 && this.#whole.length < MOST_KEPT) {
      this.#whole.push(bytes);
    }
  }
}

/** What a run of both decoders has found. */
export interface SecondReport {
  files: number;
  seed: number;
  seconds: number;
  /** How often both accepted, both refused, or differed. */
  outcomes: Record<Comparison["outcome"], number>;
  /** Of accepted files, how many were run, and both gave the same logits. */
  ran: number;
  /** How many files of each family there were. */
  families: Record<string, number>;
  /** Of accepted files, how many of each version, and tensors of each coding. */
  written: Record<string, number>;
  /** How often each refusal came, the most frequent first. */
  refusals: Record<string, number>;
  /** The first differences. */
  differences: { family: string; difference: string; file: string }[];
}

/**
 * Asks both decoders about `files` files that are drawn from the fuzzer's models and from
 * `shipped`: whole ones, and such that were changed. The same seed draws the same files.
 */
export async function runSecond(
  second: Pick<SecondDecoder, "ask">,
  { files, seed, shipped, onProgress }: {
    files: number;
    seed: number;
    shipped: Bytes[];
    onProgress?: (done: number) => void;
  },
): Promise<SecondReport> {
  const drawn = new Files(randomStream(seed, "second decoder"), shipped);
  const counts = {
    families: new Map<string, number>(),
    written: new Map<string, number>(),
    refusals: new Map<string, number>(),
  };
  const count = (of: Map<string, number>, key: string) => {
    const times = (of.get(key) ?? 0) + 1;
    of.set(key, times);
    return times;
  };
  const outcomes = { "both accept": 0, "both refuse": 0, differ: 0 };
  const differences: SecondReport["differences"] = [];
  let ran = 0;
  const start = performance.now();
  for (let done = 0; done < files;) {
    const batch = Array.from(
      { length: Math.min(BATCH, files - done) },
      () => drawn.draw(),
    );
    const comparisons = await compareDecoders(second, batch);
    for (const [place, comparison] of comparisons.entries()) {
      const { outcome, difference, notes, refusal } = comparison;
      const { family, bytes } = batch[place];
      outcomes[outcome]++;
      if (comparison.ran) ran++;
      count(counts.families, family);
      for (const note of notes) count(counts.written, note.slice(2));
      if (refusal !== undefined) {
        const text = refusal.replace(/-?(0x[\da-f]+|\d[\d.e+-]*)/g, "#");
        if (count(counts.refusals, text) === 1) drawn.keep(batch[place]);
      }
      if (difference === undefined) continue;
      if (differences.length < MOST_DIFFERENCES) {
        differences.push({ family, difference, file: bytes.toHex() });
      }
    }
    done += batch.length;
    onProgress?.(done);
  }
  const sorted = (of: Map<string, number>) =>
    Object.fromEntries([...of].toSorted(([, a], [, b]) => b - a));
  return {
    files,
    seed,
    seconds: (performance.now() - start) / 1000,
    outcomes,
    ran,
    families: sorted(counts.families),
    written: sorted(counts.written),
    refusals: sorted(counts.refusals),
    differences,
  };
}

import { listCodings } from "../../../../core/compress/code/choose_coding.ts";
import { canonicalTensor } from "../../../../core/compress/code/canonical_tensor.ts";
import { chooseHeaders } from "../../../../core/compress/code/choose_headers.ts";
import { symbolTensorOf } from "../../../../core/compress/code/measure_tensor.ts";
import { RangeEncoder } from "../../../../core/compress/code/range_encoder.ts";
import type { DramBudget } from "../../../../core/infer/dram_budget.ts";
import {
  type DramVersion,
  frameStream,
  unframeStream,
} from "../../../../core/infer/dram_frame.ts";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import type { BitCoder } from "../../../../core/infer/stream/bit_coder.ts";
import {
  type CodedModel,
  codeModel,
} from "../../../../core/infer/stream/code_model.ts";
import {
  GRAMMARS,
  versionFor,
} from "../../../../core/infer/stream/code_wide_layers.ts";
import type { TensorPlan } from "../../../../core/infer/stream/code_tensor.ts";
import { RangeDecoder } from "../../../../core/infer/stream/range_decoder.ts";
import { tensorGeometries } from "../../../../core/infer/stream/tensor_geometries.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { UNBOUNDED } from "../write_dram.ts";

/** What a file says. */
export interface Decisions {
  /** By which version of the format. */
  version: DramVersion;
  /** Its stream, one decision after another: 0s and 1s, whatever their probabilities. */
  bits: Bits;
}

type Bits = Uint8Array<ArrayBuffer>;

/** Takes decisions from a list, then draws them; writes the stream that they make. */
class Writer implements BitCoder {
  encoder = new RangeEncoder();
  #place = 0;
  #decisions: Bits;
  #draw: (probability: number) => number;

  constructor(decisions: Bits, draw: (probability: number) => number) {
    this.#decisions = decisions;
    this.#draw = draw;
  }

  code(probability: number, _bit: number): number {
    const bit = this.#place < this.#decisions.length
      ? this.#decisions[this.#place++]
      : this.#draw(probability);
    return this.encoder.code(probability, bit);
  }
}

/** A file, and the model that it must hold; `undefined` where its decisions lead to none. */
export interface Written {
  bytes: Uint8Array<ArrayBuffer>;
  model: CodedModel | undefined;
}

/**
 * The file whose decoder decides as `decisions` say and, where those are used up, as
 * `draw` does. What is written is what the decoder's own code asks for, so that every
 * branch of it can be reached, under a right checksum; where it refuses, the file ends.
 */
export function writeDecisions(
  { version, bits }: Decisions,
  { draw, budget }: {
    draw: (probability: number) => number;
    budget: Partial<DramBudget>;
  },
): Written {
  const writer = new Writer(bits, draw);
  let model: CodedModel | undefined;
  try {
    model = codeModel(writer, { grammar: GRAMMARS[version], budget });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) {
      throw error;
    }
  }
  return { bytes: frameStream(writer.encoder.finish(), version), model };
}

/** A decision, and how likely a 1 was. */
type Step = [probability: number, bit: number];

/** What the file `bytes` says, if it holds a model, step by step. */
function readSteps(bytes: Uint8Array): { version: DramVersion; steps: Step[] } {
  const { version, stream } = unframeStream(bytes);
  const decoder = new RangeDecoder(stream);
  const steps: Step[] = [];
  codeModel({
    code(probability) {
      const bit = decoder.code(probability);
      steps.push([probability, bit]);
      return bit;
    },
  }, { grammar: GRAMMARS[version], budget: UNBOUNDED });
  return { version, steps };
}

/** The decisions of the file `bytes`, if it holds a model. */
export function readDecisions(bytes: Uint8Array): Decisions {
  const { version, steps } = readSteps(bytes);
  return { version, bits: Uint8Array.from(steps, ([, bit]) => bit) };
}

/**
 * The file `bytes` with up to three decisions of probability ½ turned over, and all else as it
 * was, probabilities too: as one writes it who checks nothing. Where the decisions behind are
 * as many as before, as with another number of as many digits, it is a whole file, whichever
 * rules it breaks.
 */
export function turnDecisions(
  random: Xoshiro128,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { version, steps } = readSteps(bytes);
  const even = steps.filter(([probability]) => probability === 2 ** 15);
  for (let count = random.below(3); even.length > 0 && count >= 0; count--) {
    const end = random.below(2) === 0
      ? Math.min(HEAD, even.length)
      : even.length;
    even[random.below(end)][1] ^= 1;
  }
  const encoder = new RangeEncoder();
  for (const [probability, bit] of steps) encoder.code(probability, bit);
  return frameStream(encoder.finish(), version);
}

/** A file of `model`, each tensor coded in any way that it can be. */
export function writeModel(
  random: Xoshiro128,
  { spec, labels, tensors }: EncodedModel,
): Uint8Array<ArrayBuffer> {
  const geometries = tensorGeometries(spec);
  const canonical = tensors.map(canonicalTensor);
  const headers = chooseHeaders(canonical);
  const plans = canonical.map((tensor, index): TensorPlan => {
    const header = headers[index];
    const symbols = symbolTensorOf(tensor, geometries[index]);
    if (!symbols) return { tensor, header };
    const codings = listCodings(symbols);
    return { tensor, header, coding: codings[random.below(codings.length)] };
  });
  const encoder = new RangeEncoder();
  const version = versionFor(spec.layers);
  codeModel(encoder, {
    grammar: GRAMMARS[version],
    plan: { spec, labels, tensors: plans },
  });
  return frameStream(encoder.finish(), version);
}

/** Decisions at a file's beginning that are changed as often as all the rest. */
const HEAD = 64;

/** `decisions` with up to `most` changes: some turned over, left out, put in, or taken from `other`. */
export function mutateDecisions(
  random: Xoshiro128,
  decisions: Decisions,
  { other, most }: { other: Decisions; most: number },
): Decisions {
  let mutated = decisions.bits;
  for (let count = random.below(most + 1); count > 0; count--) {
    const { length } = mutated;
    const end = random.below(2) === 0 ? Math.min(HEAD, length) : length;
    const place = random.below(Math.max(1, end));
    const head = mutated.subarray(0, place);
    switch (random.below(6)) {
      case 0:
        mutated = join(head, mutated.subarray(place + 1 + random.below(8)));
        break;
      case 1:
        mutated = join(
          head,
          new Uint8Array(1 + random.below(24)).fill(random.below(2)),
          mutated.subarray(place),
        );
        break;
      case 2:
        mutated = join(
          head,
          other.bits.subarray(random.below(other.bits.length + 1)),
        );
        break;
      case 3:
        // What follows is drawn.
        mutated = head.slice();
        break;
      default:
        mutated = mutated.slice();
        mutated[place] ^= 1;
    }
  }
  // What only one version can say is no model by the other.
  const version = random.below(16) === 0 ? other.version : decisions.version;
  return { version, bits: mutated };
}

function join(...parts: Uint8Array[]): Bits {
  const joined = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

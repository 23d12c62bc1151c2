import { channelCount } from "../channel_count.ts";
import type { EncodedTensor } from "../encoded_tensor.ts";
import {
  type Alphabet,
  codebookAlphabet,
  levelAlphabet,
  levelsOf,
  symbolsOf,
} from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeCodebook } from "./code_codebook.ts";
import { codeHalves } from "./code_half.ts";
import { codeHeader, type TensorHeader } from "./code_header.ts";
import type { Geometry } from "./code_levels.ts";
import { codePlain } from "./code_plain.ts";
import { codeSymbols, type SymbolCoding } from "./code_symbols.ts";
import { LevelModel } from "./level_model.ts";

/** Parts of a tensor in the stream. */
export type TensorPart = "header" | "scales" | "weights";

/** What one tensor tells the next. */
export interface TensorContext {
  model: LevelModel;
  /** Exponent field of the last scale. */
  exponent: number;
  /** Last headers, of kernels and of biases. */
  headers: { kernel?: TensorHeader; bias?: TensorHeader };
}

/** What a file's first tensor is told: a scale of about 2^−4. */
export function startTensors(): TensorContext {
  return { model: new LevelModel(), exponent: 11, headers: {} };
}

/** A tensor to write, and how. */
export interface TensorPlan {
  tensor: EncodedTensor;
  header: TensorHeader;
  /** Left out for plain numbers, which are coded as they are. */
  coding?: SymbolCoding;
}

/** A tensor that was passed, and how its symbols were coded. */
export interface CodedTensor {
  tensor: EncodedTensor;
  coding: SymbolCoding["kind"] | "plain";
}

/**
 * Passes one tensor of `shape`: its header, its scales or codebook, and its
 * weights. `plan` is what an encoder writes; `mark` is called after each part.
 */
export function codeTensor(
  coder: BitCoder,
  context: TensorContext,
  { shape, geometry, plan, mark }: {
    shape: number[];
    geometry: Geometry;
    plan?: TensorPlan;
    mark?: (part: TensorPart) => void;
  },
): CodedTensor {
  const role = shape.length === 1 ? "bias" : "kernel";
  const header = codeHeader(coder, context.headers[role], plan?.header);
  context.headers[role] = header;
  mark?.("header");
  const { kind, bits, fractionBits } = header;
  const signed = kind !== "uniform";
  const row = { fractionBits, signed, exponent: context.exponent };
  const given = plan?.tensor;
  if (kind === "float") {
    const values = given?.kind === kind ? given.values : undefined;
    const tensor = codePlain(coder, { shape, bits, row, values });
    mark?.("weights");
    return { tensor, coding: "plain" };
  }
  const pass = (alphabet: Alphabet, symbols: Int16Array) => {
    const tensor = { alphabet, geometry, symbols };
    const { coding } = plan ?? {};
    const passed = codeSymbols(coder, context.model, { tensor, coding });
    mark?.("weights");
    return passed;
  };
  const symbols = given && given.kind !== "float"
    ? symbolsOf(given)
    : new Int16Array(shape.reduce((total, extent) => total * extent, 1));
  if (kind === "uniform") {
    const values = given?.kind === kind ? given.scale : undefined;
    const count = header.perChannel ? channelCount(shape) : 1;
    const scale = codeHalves(coder, row, { count, values });
    context.exponent = row.exponent;
    mark?.("scales");
    const coding = pass(levelAlphabet(bits), symbols);
    const levels = levelsOf(symbols, bits);
    return { tensor: { kind, shape, bits, scale, levels }, coding };
  }
  const values = given?.kind === kind ? given.codebook : undefined;
  const codebook = codeCodebook(coder, row, values);
  mark?.("scales");
  const alphabet = codebookAlphabet(codebook);
  const coding = pass(alphabet, symbols);
  const indices = new Uint8Array(symbols.length);
  for (let i = 0; i < indices.length; i++) {
    indices[i] = symbols[i] - alphabet.low;
  }
  return { tensor: { kind, shape, codebook, indices }, coding };
}

import { product } from "../../models/layers/layer.ts";
import { channelCount } from "../channel_count.ts";
import { DRAM_LIMITS } from "../dram_budget.ts";
import type { EncodedTensor, FloatTensor } from "../encoded_tensor.ts";
import {
  type Alphabet,
  codebookAlphabet,
  levelAlphabet,
  levelsOf,
  symbolsOf,
} from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeHalves, type HalfRow } from "./code_half.ts";
import { codeHeader, type TensorHeader } from "./code_header.ts";
import type { Geometry } from "./code_levels.ts";
import { codeBits, codeNumber } from "./code_numbers.ts";
import { codeSymbols, type SymbolCoding } from "./code_symbols.ts";
import { LevelModel } from "./level_model.ts";

/** `count` numbers as the 32 bits of each; throws a `RangeError` where one is not finite. */
function codeFloats(
  coder: BitCoder,
  count: number,
  values?: Float32Array,
): Float32Array<ArrayBuffer> {
  const coded = new Float32Array(count);
  const view = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < count; i++) {
    view.setFloat32(0, values?.[i] ?? 0);
    view.setUint32(0, codeBits(coder, 32, view.getUint32(0)));
    coded[i] = view.getFloat32(0);
    if (!Number.isFinite(coded[i])) {
      throw new RangeError(
        `Cannot use a .dram: its weights must be finite: one is ${coded[i]}`,
      );
    }
  }
  return coded;
}

/** Passes a tensor of plain numbers: float16s as scales are passed, with their signs, or float32s. */
function codePlain(
  coder: BitCoder,
  { shape, bits, row, values }: {
    shape: number[];
    bits: number;
    row: HalfRow;
    values?: Float32Array;
  },
): FloatTensor {
  const count = shape.reduce((total, extent) => total * extent, 1);
  return bits === 16
    ? {
      kind: "float",
      shape,
      bits,
      values: codeHalves(coder, row, { count, values }),
    }
    : {
      kind: "float",
      shape,
      bits: 32,
      values: codeFloats(coder, count, values),
    };
}

/** Passes a codebook: how many entries it has, then each as a float16. Throws unless they ascend. */
function codeCodebook(
  coder: BitCoder,
  row: HalfRow,
  codebook?: Float32Array,
): Float32Array<ArrayBuffer> {
  const count = codeNumber(coder, 3, codebook && codebook.length - 1) + 1;
  if (count > DRAM_LIMITS.codebook) {
    throw new RangeError(
      `Cannot use a .dram: a codebook must have at most ${DRAM_LIMITS.codebook} entries: it has ${count}`,
    );
  }
  const coded = codeHalves(coder, row, { count, values: codebook });
  if (coded.some((value, i) => i > 0 && value <= coded[i - 1])) {
    throw new SyntaxError(
      `Cannot use a .dram: a codebook must ascend: it is ${coded.join(", ")}`,
    );
  }
  return coded;
}

/** Parts of a tensor in the stream. */
export type TensorPart = "header" | "scales" | "weights";

/** Which of a layer's two tensors. */
export type TensorRole = "kernel" | "bias";

/** How version 4 passes tensors, whose scales are powers of two and whose plain numbers are integers. */
export interface IntegerTensors {
  /** The header, or that of the last tensor of its role. */
  codeHeader(
    coder: BitCoder,
    before: TensorHeader | undefined,
    tensor: { role: TensorRole; header?: TensorHeader },
  ): TensorHeader;
  /** What levels are multiplied by. */
  codeScale(
    coder: BitCoder,
    context: { exponent?: number },
    tensor: { role: TensorRole; scale?: Float32Array },
  ): Float32Array<ArrayBuffer>;
  /** Plain integers. */
  codeIntegers(
    coder: BitCoder,
    count: number,
    values?: Float32Array,
  ): Float32Array<ArrayBuffer>;
}

/** What one tensor tells the next. */
export interface TensorContext {
  model: LevelModel;
  /** Exponent field of the last scale. */
  exponent: number;
  /** Last headers, of kernels and of biases. */
  headers: { kernel?: TensorHeader; bias?: TensorHeader };
  /** Where tensors are of integers. */
  integers?: { forms: IntegerTensors; exponent?: number };
}

/** What a file's first tensor is told: a scale of about 2^−4. */
export function startTensors(forms?: IntegerTensors): TensorContext {
  const start = { model: new LevelModel(), exponent: 11, headers: {} };
  return forms ? { ...start, integers: { forms } } : start;
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
  const { integers } = context;
  const before = context.headers[role];
  const header = integers
    ? integers.forms.codeHeader(coder, before, { role, header: plan?.header })
    : codeHeader(coder, before, plan?.header);
  context.headers[role] = header;
  mark?.("header");
  const { kind, bits, fractionBits } = header;
  const signed = kind !== "uniform";
  const row = { fractionBits, signed, exponent: context.exponent };
  const given = plan?.tensor;
  if (kind === "float") {
    const values = given?.kind === kind ? given.values : undefined;
    const tensor: FloatTensor = integers
      ? {
        kind,
        shape,
        bits: 32,
        values: integers.forms.codeIntegers(coder, product(shape), values),
      }
      : codePlain(coder, { shape, bits, row, values });
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
    const scale = integers
      ? integers.forms.codeScale(coder, integers, { role, scale: values })
      : codeHalves(coder, row, { count, values });
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

import { type Alphabet, alphabetSize } from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeAscending } from "./code_ascending.ts";
import { codeGaps } from "./code_gaps.ts";
import { codeHuffmanSymbol, codeHuffmanTable } from "./code_huffman.ts";
import { codeHuffmanGaps, type HuffmanGaps } from "./code_huffman_gaps.ts";
import { codeLevels, type Geometry } from "./code_levels.ts";
import { codeBits, codeChoice } from "./code_numbers.ts";
import type { LevelModel } from "./level_model.ts";

/** How a tensor's symbols are coded, with what an encoder needs to do it. */
export type SymbolCoding =
  | { kind: "adaptive" }
  | { kind: "ascending" }
  | { kind: "gaps" }
  | { kind: "fixed" }
  | { kind: "huffman"; lengths: Uint8Array<ArrayBuffer> }
  | { kind: "huffmanGaps"; stored: HuffmanGaps };

type Choices = readonly (readonly [SymbolCoding["kind"], number])[];

const DENSE: Choices = [["adaptive", 12], ["huffman", 1], ["fixed", 1]];
const SPARSE: Choices = [["gaps", 1], ["huffmanGaps", 1]];
const ROW: Choices = [["ascending", 12]];

/** The codings of a tensor, the likeliest first, with their weights. */
function choicesFor({ alphabet, geometry }: SymbolTensor): Choices {
  const choices = isSparse(alphabet) ? [...DENSE, ...SPARSE] : DENSE;
  return isRow(geometry) ? [...ROW, ...choices] : choices;
}

/** What a tensor's symbols are. */
export interface SymbolTensor {
  alphabet: Alphabet;
  geometry: Geometry;
  /** Row-major; a decoder fills them in. */
  symbols: Int16Array;
}

/** Whether symbol 0 stands for the weight 0, so that it may be left out. */
export function isSparse({ low, high, offset }: Alphabet): boolean {
  return offset === 0 && low <= 0 && high >= 0 && low < high;
}

/** Whether a tensor has nothing but outputs, as biases have. */
export function isRow([height, width, inputs]: Geometry): boolean {
  return height === 1 && width === 1 && inputs === 1;
}

/** Passes the kind of coding, then the symbols; returns the kind. */
export function codeSymbols(
  coder: BitCoder,
  model: LevelModel,
  { tensor, coding }: { tensor: SymbolTensor; coding?: SymbolCoding },
): SymbolCoding["kind"] {
  const { alphabet, symbols } = tensor;
  const kind = codeChoice(coder, choicesFor(tensor), coding?.kind);
  const { low } = alphabet;
  const size = alphabetSize(alphabet);
  switch (kind) {
    case "adaptive":
      codeLevels(coder, model, tensor);
      break;
    case "ascending":
      codeAscending(coder, alphabet, symbols);
      break;
    case "gaps":
      codeGaps(coder, alphabet, symbols);
      break;
    case "fixed": {
      const width = Math.ceil(Math.log2(size));
      for (let i = 0; i < symbols.length; i++) {
        symbols[i] = codeBits(coder, width, symbols[i] - low) + low;
        if (symbols[i] >= low + size) {
          throw new SyntaxError(
            `Cannot read a .dram: a symbol must be one of ${size}: it is number ${
              symbols[i] - low
            }`,
          );
        }
      }
      break;
    }
    case "huffman": {
      const lengths = coding?.kind === kind ? coding.lengths : undefined;
      const code = codeHuffmanTable(coder, size, lengths);
      for (let i = 0; i < symbols.length; i++) {
        const symbol = coding && symbols[i] - low;
        symbols[i] = codeHuffmanSymbol(coder, code, symbol) + low;
      }
      break;
    }
    case "huffmanGaps": {
      const stored = coding?.kind === kind ? coding.stored : undefined;
      codeHuffmanGaps(coder, alphabet, { symbols, stored });
    }
  }
  return kind;
}

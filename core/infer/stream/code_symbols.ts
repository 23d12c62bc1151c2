import { AdaptiveCells } from "./adaptive_cells.ts";
import { type Alphabet, alphabetSize } from "./alphabet.ts";
import { type BitCoder, EVEN } from "./bit_coder.ts";
import { codeAscending } from "./code_ascending.ts";
import { codeHuffmanSymbol, codeHuffmanTable } from "./code_huffman.ts";
import { codeHuffmanGaps, type HuffmanGaps } from "./code_huffman_gaps.ts";
import { codeLevels, type Geometry } from "./code_levels.ts";
import { codeBits, codeChoice } from "./code_numbers.ts";
import type { LevelModel } from "./level_model.ts";

/** Bits of the longest gap. */
const MAX_GAP_BITS = 23;

/** A decision with a cell's probability, from which the cell learns. */
function codeAdaptively(
  coder: BitCoder,
  cells: AdaptiveCells,
  cell: number,
  bit: number,
): number {
  const coded = coder.code(cells.share(cell), bit);
  cells.learn(cell, coded);
  return coded;
}

/** Refuses gaps that lead beyond a tensor's end. */
function refuseGap(): never {
  throw new SyntaxError(
    "Cannot read a .dram: gaps between weights must end where their tensor does: one is longer",
  );
}

/**
 * A number ≥ 0: how many bits value + 1 has, in unary with a cell for each place,
 * then the bits below the highest, of which the first has a cell for each size.
 */
function codeGap(coder: BitCoder, cells: AdaptiveCells, gap: number): number {
  const wanted = Math.floor(Math.log2(gap + 1));
  let size = 0;
  while (codeAdaptively(coder, cells, size, wanted > size ? 1 : 0)) {
    if (++size > MAX_GAP_BITS) refuseGap();
  }
  let value = 1;
  for (let place = size - 1; place >= 0; place--) {
    const bit = Math.floor((gap + 1) / 2 ** place) & 1;
    const coded = place === size - 1
      ? codeAdaptively(coder, cells, 32 + size, bit)
      : coder.code(EVEN, bit);
    value = value * 2 + coded;
  }
  return value - 1;
}

/** A symbol other than 0, by halving what is left of the alphabet, with a cell for each decision. */
function codeNonZero(
  coder: BitCoder,
  cells: AdaptiveCells,
  { low, high }: Alphabet,
  symbol: number,
): number {
  // Symbols from 1 on move down by one: the alphabet without its 0.
  const wanted = symbol > 0 ? symbol - 1 : symbol;
  high--;
  let node = 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bit = codeAdaptively(coder, cells, node, wanted > middle ? 1 : 0);
    [low, high] = bit ? [middle + 1, high] : [low, middle];
    node = 2 * node + bit;
  }
  return low >= 0 ? low + 1 : low;
}

/**
 * Passes a sparse tensor's symbols, row-major: the zeros before each other
 * symbol, and that symbol; last the zeros at the end. Fills `symbols` where
 * `coder` decodes.
 */
export function codeGaps(
  coder: BitCoder,
  alphabet: Alphabet,
  symbols: Int16Array,
): void {
  const lengths = new AdaptiveCells(64);
  const values = new AdaptiveCells(2 * alphabetSize(alphabet));
  for (let place = 0; place < symbols.length;) {
    let next = place;
    while (next < symbols.length && symbols[next] === 0) next++;
    const gap = codeGap(coder, lengths, next - place);
    place += gap;
    if (place > symbols.length) refuseGap();
    if (place === symbols.length) return;
    symbols[place] = codeNonZero(coder, values, alphabet, symbols[place]);
    place++;
  }
}

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

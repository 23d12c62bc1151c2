import { checkDramBytes, type DramBudget } from "./dram_budget.ts";
import { unframeStream } from "./dram_frame.ts";
import type { EncodedModel } from "./encoded_tensor.ts";
import type { Grammars } from "./stream/code_layers.ts";
import {
  type CodedShape,
  codeModel,
  codeShape,
  type ModelOptions,
} from "./stream/code_model.ts";
import { RangeDecoder } from "./stream/range_decoder.ts";

/** How a file is read. */
export interface DramOptions {
  /** What it may cost: `DRAM_BUDGET` for what isn't said. */
  budget?: Partial<DramBudget>;
}

/** What a `.dram` file says before its weights, and what the whole costs at the most. */
export type DramShape = CodedShape;

/** The stream of a file whose version has a grammar, and how it is passed. */
function open(
  bytes: Uint8Array,
  { budget }: DramOptions,
  grammars: Grammars,
): { decoder: RangeDecoder; options: ModelOptions } {
  checkDramBytes(bytes.length, budget);
  const { version, stream } = unframeStream(bytes);
  const grammar = grammars[version];
  if (!grammar) {
    throw new SyntaxError(
      `Cannot read a .dram: it is of version ${version}: use what reads every version`,
    );
  }
  const decoder = new RangeDecoder(stream);
  return { decoder, options: { grammar, bytes: bytes.length, budget } };
}

/** Reads a whole file of a version that is among `grammars`. */
export function decodeByGrammars(
  bytes: Uint8Array,
  options: DramOptions,
  grammars: Grammars,
): EncodedModel {
  const opened = open(bytes, options, grammars);
  const { spec, labels, tensors } = codeModel(opened.decoder, opened.options);
  opened.decoder.checkUsedUp();
  return { spec, labels, tensors: tensors.map(({ tensor }) => tensor) };
}

/** Reads what stands before a file's weights. */
export function peekByGrammars(
  bytes: Uint8Array,
  options: DramOptions,
  grammars: Grammars,
): DramShape {
  const opened = open(bytes, options, grammars);
  return codeShape(opened.decoder, opened.options);
}

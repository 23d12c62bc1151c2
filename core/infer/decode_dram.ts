import { checkDramBytes, type DramBudget } from "./dram_budget.ts";
import { unframeStream } from "./dram_frame.ts";
import type { EncodedModel } from "./encoded_tensor.ts";
import { type CodedShape, codeModel, codeShape } from "./stream/code_model.ts";
import { RangeDecoder } from "./stream/range_decoder.ts";

/** How a file is read. */
export interface DramOptions {
  /** What it may cost: `DRAM_BUDGET` for what isn't said. */
  budget?: Partial<DramBudget>;
}

/** What a `.dram` file says before its weights, and what the whole costs at the most. */
export type DramShape = CodedShape;

/**
 * Reads a `.dram` file: the architecture, the labels and the weights as the file
 * holds them. The format is described in DRAM.md beside this file.
 *
 * What the file costs is known, and checked against `budget`, before anything of a size
 * that it declares is allocated or decoded. Throws a `SyntaxError`
 * where the bytes are no whole `.dram` of a known version, and a `RangeError` where
 * what they hold is no possible model or costs more.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { decodeDram } from "./decode_dram.ts";
 *
 * assertThrows(() => decodeDram(Uint8Array.of(0xd7, 0x20, 0x09)), SyntaxError, "cut short");
 * const budget = { weights: 100 };
 * assertThrows(() => decodeDram(smallDram(), { budget }), RangeError, "100 weights: it has 160");
 * ```
 */
export function decodeDram(
  bytes: Uint8Array,
  { budget }: DramOptions = {},
): EncodedModel {
  checkDramBytes(bytes.length, budget);
  const { version, stream } = unframeStream(bytes);
  const decoder = new RangeDecoder(stream);
  const { spec, labels, tensors } = codeModel(decoder, {
    version,
    bytes: bytes.length,
    budget,
  });
  decoder.checkUsedUp();
  return { spec, labels, tensors: tensors.map(({ tensor }) => tensor) };
}

/**
 * What a `.dram` file says before its weights: architecture, labels, and what it
 * costs at the most to decode and to run. None of its weights is decoded: whether
 * they are whole, `decodeDram` says. Throws what that throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { peekDram } from "./decode_dram.ts";
 *
 * const { spec, labels, cost } = peekDram(smallDram());
 * assertEquals([spec.input, labels.length, cost.weights], [[28, 28, 1], 10, 160]);
 * ```
 */
export function peekDram(
  bytes: Uint8Array,
  { budget }: DramOptions = {},
): DramShape {
  checkDramBytes(bytes.length, budget);
  const { version, stream } = unframeStream(bytes);
  const decoder = new RangeDecoder(stream);
  return codeShape(decoder, { version, bytes: bytes.length, budget });
}

import { unframeStream } from "./dram_frame.ts";
import type { EncodedModel } from "./encoded_tensor.ts";
import { codeModel } from "./stream/code_model.ts";
import { RangeDecoder } from "./stream/range_decoder.ts";

/**
 * Reads a `.dram` file: the architecture, the labels and the weights as the file
 * holds them. The format is described in DRAM.md beside this file.
 *
 * Everything is checked before anything of a size that the file declares is
 * allocated; time and memory are bounded by the file's length and by the limits on
 * a model (2^22 weights, 2^30 multiply-adds, 64 layers). Throws a `SyntaxError`
 * where the bytes are no whole `.dram` of a known version, and a `RangeError` where
 * what they hold is no possible model or too large.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { decodeDram } from "./decode_dram.ts";
 *
 * assertThrows(() => decodeDram(Uint8Array.of(0xd7, 0x20, 0x09)), SyntaxError, "cut short");
 * ```
 */
export function decodeDram(bytes: Uint8Array): EncodedModel {
  const decoder = new RangeDecoder(unframeStream(bytes));
  const { spec, labels, tensors } = codeModel(decoder);
  decoder.checkUsedUp();
  return { spec, labels, tensors: tensors.map(({ tensor }) => tensor) };
}

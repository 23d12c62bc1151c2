import type { EncodedModel } from "./encoded_tensor.ts";
import {
  decodeByGrammars,
  type DramOptions,
  type DramShape,
  peekByGrammars,
} from "./decode_by_grammars.ts";
import { GRAMMARS } from "./stream/code_wide_layers.ts";

export type { DramOptions, DramShape };

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
  options: DramOptions = {},
): EncodedModel {
  return decodeByGrammars(bytes, options, GRAMMARS);
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
  options: DramOptions = {},
): DramShape {
  return peekByGrammars(bytes, options, GRAMMARS);
}

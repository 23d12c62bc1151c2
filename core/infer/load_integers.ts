import { decodeByGrammars, type DramOptions } from "./decode_by_grammars.ts";
import { decodeTensor } from "./decode_tensor.ts";
import { prepareIntegers } from "./direct/integer_steps.ts";
import type { DirectModel } from "./prepare_model.ts";
import { INTEGER_GRAMMARS } from "./stream/code_integer_layers.ts";

/**
 * What `load` does, of files of version 4 alone, of models of integers: for a page that has
 * no others.
 *
 * Throws what `load` throws, and a `SyntaxError` where the file is of another version.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { loadIntegers } from "./load_integers.ts";
 *
 * assertThrows(() => loadIntegers(smallDram()), SyntaxError, "version 1");
 * ```
 */
export function loadIntegers(
  bytes: Uint8Array,
  options: DramOptions = {},
): DirectModel {
  const { spec, labels, tensors } = decodeByGrammars(
    bytes,
    options,
    INTEGER_GRAMMARS,
  );
  return prepareIntegers(spec, tensors.map(decodeTensor), labels);
}

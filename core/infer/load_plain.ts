import { decodeTensor } from "./decode_tensor.ts";
import { type DirectModel, prepareModel } from "./prepare_model.ts";
import {
  decodeByGrammars,
  type DramOptions,
  type DramShape,
  peekByGrammars,
} from "./decode_by_grammars.ts";
import { PLAIN_GRAMMARS } from "./stream/code_layers.ts";

/**
 * What `load` does, of files of versions 1 and 2 alone: of square windows, and relus. In a
 * page it is a quarter smaller.
 *
 * Throws what `load` throws, and a `SyntaxError` where the file is of a later version.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { load } from "./load.ts";
 * import { loadPlain } from "./load_plain.ts";
 *
 * const image = new Uint8Array(784).fill(128);
 * assertEquals(loadPlain(smallDram()).classify(image), load(smallDram()).classify(image));
 * ```
 */
export function loadPlain(
  bytes: Uint8Array,
  options: DramOptions = {},
): DirectModel {
  const { spec, labels, tensors } = decodeByGrammars(
    bytes,
    options,
    PLAIN_GRAMMARS,
  );
  return prepareModel(spec, tensors.map(decodeTensor), { labels, wide: null });
}

/**
 * What `peekDram` does, of files of versions 1 and 2 alone. Throws what that throws, and a
 * `SyntaxError` where the file is of a later version.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { peekPlain } from "./load_plain.ts";
 *
 * assertEquals(peekPlain(smallDram()).cost.weights, 160);
 * ```
 */
export function peekPlain(
  bytes: Uint8Array,
  options: DramOptions = {},
): DramShape {
  return peekByGrammars(bytes, options, PLAIN_GRAMMARS);
}

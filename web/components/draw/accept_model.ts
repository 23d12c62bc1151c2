import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { type DirectModel, loadEncoded } from "../../../core/infer/load.ts";
import { modelCost } from "../../../core/models/cost.ts";

/** Most multiply-adds for one image that a page runs at every movement of a pen. */
const MOST_WORK = 2 ** 26;

/** Most classes that a model may tell apart here: the page ranks them at every movement, too. */
const MOST_CLASSES = 1000;

/** A model that reads drawings, and its size. */
export interface AcceptedModel {
  model: DirectModel;
  /** Trainable numbers. */
  parameters: number;
}

function refuse(rule: string, value: string): never {
  throw new RangeError(`Cannot run this model here: ${rule}: ${value}`);
}

/**
 * Reads a `.dram` file from anywhere, and makes its model ready if it tells
 * classes apart by images of 28×28 grey pixels, fast enough to follow a pen.
 *
 * Throws a `SyntaxError` where the bytes are no `.dram` file, and a `RangeError`
 * where it holds another model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { acceptModel } from "./accept_model.ts";
 *
 * assertEquals(acceptModel(smallDram()).parameters, 160);
 * ```
 */
export function acceptModel(dram: Uint8Array): AcceptedModel {
  const encoded = decodeDram(dram);
  const { input } = encoded.spec;
  const { layers, parameters, multiplyAdds } = modelCost(encoded.spec);
  const { output } = layers[layers.length - 1];
  if (input.join("×") !== "28×28×1") {
    refuse("it must read images of 28×28×1", `it reads ${input.join("×")}`);
  }
  if (output.length > 1 || output[0] < 2 || output[0] > MOST_CLASSES) {
    refuse(
      `it must tell 2 to ${MOST_CLASSES} classes apart`,
      `it gives ${output.join("×")} numbers`,
    );
  }
  if (multiplyAdds > MOST_WORK) {
    refuse(
      `it must take at most ${MOST_WORK} multiplications an image`,
      `it takes ${multiplyAdds}`,
    );
  }
  return { model: loadEncoded(encoded), parameters };
}

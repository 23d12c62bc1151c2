import type { peekDram } from "../../../core/infer/decode_dram.ts";
import type { DramBudget } from "../../../core/infer/dram_budget.ts";
import type { DirectModel, load } from "../../../core/infer/load.ts";
import { shapeLayers } from "../../../core/models/shapes.ts";

/** What a model may cost that a page runs at every movement of a pen; a worker's, too. */
const PAGE_BUDGET: Partial<DramBudget> = {
  operations: 2 ** 27,
  memory: 2 ** 27,
};

/** Most classes that a model may tell apart here: the page ranks them at every movement, too. */
const MOST_CLASSES = 1000;

/** What reads files: of every version, or of those that the site ships. */
export interface DramReader {
  peek: typeof peekDram;
  load: typeof load;
}

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
 * Reads a `.dram` file by `reader`, and makes its model ready if it tells
 * classes apart by images of 28×28 grey pixels, fast enough to follow a pen:
 * what it costs is known before any of its weights is decoded.
 *
 * Throws a `SyntaxError` where the bytes are no `.dram` file, and a `RangeError`
 * where it holds another model, or one that costs more than `budget`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { acceptModel } from "./accept_model.ts";
 * import { PLAIN_READER } from "./plain_reader.ts";
 *
 * assertEquals(acceptModel(smallDram(), PLAIN_READER).parameters, 160);
 * ```
 */
export function acceptModel(
  dram: Uint8Array,
  reader: DramReader,
  { budget = PAGE_BUDGET }: { budget?: Partial<DramBudget> } = {},
): AcceptedModel {
  const { spec, cost } = reader.peek(dram, { budget });
  const { input } = spec;
  const { output } = shapeLayers(spec).slice(-1)[0];
  if (input.join("×") !== "28×28×1") {
    refuse(
      "it must read images of 28×28×1",
      `it reads ${
        input.join("×")
      }; \`deno task export FILE.dram --to html\` makes a page of it that does`,
    );
  }
  if (output.length > 1 || output[0] < 2 || output[0] > MOST_CLASSES) {
    refuse(
      `it must tell 2 to ${MOST_CLASSES} classes apart`,
      `it gives ${output.join("×")} numbers`,
    );
  }
  return { model: reader.load(dram, { budget }), parameters: cost.weights };
}

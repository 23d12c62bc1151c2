import { cleanText } from "../../text/clean_text.ts";
import { modelCost } from "../cost.ts";
import { REBUILD } from "../layers/parse_keras.ts";
import type { ModelSpec } from "../spec.ts";

/**
 * Throws unless a model of `spec` gives numbers of two classes or more: a `RangeError`
 * where its layers don't go together.
 */
export function checkOutput(spec: ModelSpec, source: string): void {
  let output: readonly number[];
  try {
    output = modelCost(spec).layers.at(-1)?.output ?? [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const rule = error.message.replace(/^Cannot [^:]*: /, "");
    throw new RangeError(
      `Cannot load ${source}: ${cleanText(rule)}; ${REBUILD}`,
      { cause: error },
    );
  }
  const [classes, ...others] = output;
  if (others.length > 0 || classes < 2) {
    throw new RangeError(
      `Cannot load ${source}: its output must be a row of 2 or more classes: it is ${
        output.join("×")
      }; end it with a dense layer of one unit a class, or one of two classes with a sigmoid`,
    );
  }
}

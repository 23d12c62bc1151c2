import { checkFinite } from "../../../files/safetensors.ts";
import { modelCost } from "../../cost.ts";
import { checkOutput } from "../check_output.ts";
import type { LoadedModel } from "../loaded_model.ts";
import { lowerRow } from "../lower_row.ts";
import { BYTES, type PixelScale } from "../pixel_scale.ts";
import type { OnnxModel } from "./parse_model.ts";
import { readGraph } from "./read_graph.ts";

/** Numbers that are held for each byte of the file: bytes are read, scaled and laid anew. */
const NUMBERS_PER_BYTE = 4;
/** Numbers that a small file may need besides. */
const SPARE_NUMBERS = 2 ** 20;

/**
 * The layers of ours that compute what a graph of ONNX' operators does, of a file of
 * `size` bytes, and how many bytes its weights take there. `source` is what errors call
 * the file, and `pixels` says what it was made to read, where it doesn't say it itself.
 *
 * Throws a `SyntaxError` where it is no such row, or its numbers aren't finite, and a
 * `RangeError` where they are more than a file of that size needs.
 */
export function lowerGraph(
  model: OnnxModel,
  { name, source, size, pixels }: {
    name: string;
    source: string;
    size: number;
    pixels?: PixelScale;
  },
): Pick<LoadedModel, "spec" | "weights" | "bytes" | "reads" | "ends"> {
  const graph = readGraph(model, {
    name,
    source,
    budget: { left: NUMBERS_PER_BYTE * size + SPARE_NUMBERS },
  });
  const { spec, weights, pixels: reads, ends } = lowerRow(graph.row, source, {
    pixels: pixels ?? (graph.readsBytes ? BYTES : undefined),
  });
  checkOutput(spec, source);
  // What was folded into them may have made them infinite.
  const names = modelCost(spec).layers.flatMap(({ layer, weights }) =>
    weights.map(() => layer.name)
  );
  weights.forEach(({ values }, place) =>
    checkFinite(values, { name: names[place], source })
  );
  return {
    spec,
    weights,
    bytes: graph.bytes,
    ...reads && { reads },
    ...ends && { ends },
  };
}

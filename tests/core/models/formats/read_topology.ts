import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { parseTopology } from "../../../../core/models/formats/layers_model/parse_topology.ts";
import type { SavedRow } from "../../../../core/models/formats/layers_model/saved_layer.ts";
import { lowerRow } from "../../../../core/models/formats/lower_row.ts";
import type { RowStep } from "../../../../core/models/formats/row.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";

/** What a saved topology says, with `weights` in the order of its layers; errors call it "it". */
export function readTopology(
  topology: unknown,
  weights: readonly FloatArray[],
): ModelSpec {
  const { row, ...saved } = parseTopology(topology, "it");
  const left = [...weights];
  const fill = (row: SavedRow): RowStep[] =>
    row.flatMap((step): RowStep[] =>
      step.kind === "residual"
        ? [{ kind: "residual", name: step.name, steps: fill(step.row) }]
        : step.steps(left.splice(0, step.variables.length))
    );
  return lowerRow({ ...saved, steps: fill(row) }, "it").spec;
}

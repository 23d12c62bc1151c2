import { cleanText } from "../text/clean_text.ts";
import type { LayerCost, ModelCost } from "./cost.ts";
import { summariseLayer } from "./layers/layer_forms.ts";

function group(count: number): string {
  return count.toLocaleString("en-US");
}

function row(cost: LayerCost): string[] {
  return [
    `${cleanText(cost.layer.name)} (${summariseLayer(cost.layer)})`,
    cost.output.join("×"),
    group(cost.parameters),
    group(cost.activationBytes),
    group(cost.multiplyAdds),
  ];
}

/** Columns as wide as their widest entry: the first two to the left, numbers to the right. */
function alignRows(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((cells) => cells[column].length))
  );
  return rows.map((cells) =>
    cells.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ")
  );
}

/**
 * The table of `cost`, as Keras's `summary` prints it: a row a layer with its
 * output shape, parameters, bytes of its output and multiply-adds, all for one
 * image, then totals.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { modelCost } from "./cost.ts";
 * import { formatSummary } from "./format_summary.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const table = formatSummary("student-6", modelCost(studentSpec({ hidden: 6 })));
 * assertMatch(table, /hidden \(dense relu\) +6 +55,302/);
 * assertMatch(table, /Parameters: 74,188 \(296,752 bytes\)/);
 * ```
 */
export function formatSummary(name: string, cost: ModelCost): string {
  const [heading, ...rows] = alignRows([
    ["Layer", "Output", "Parameters", "Activation bytes", "Multiply-adds"],
    ...cost.layers.map(row),
  ]);
  const rule = "─".repeat(heading.length);
  return [
    `Model: ${cleanText(name)}`,
    rule,
    heading,
    rule,
    ...rows,
    rule,
    `Parameters: ${group(cost.parameters)} (${group(cost.bytes)} bytes)`,
    `Multiply-adds for one image: ${group(cost.multiplyAdds)}`,
    `Activations for one image: ${group(cost.activationBytes)} bytes`,
    `Peak memory for one image: ${group(cost.peakBytes)} bytes`,
  ].join("\n");
}

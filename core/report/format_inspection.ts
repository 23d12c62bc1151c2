import type {
  DramInspection,
  TensorInspection,
} from "../infer/inspect_dram.ts";
import { modelCost } from "../models/cost.ts";
import { formatSummary } from "../models/format_summary.ts";
import { cleanText } from "../text/clean_text.ts";
import { describeTensor } from "./describe_tensor.ts";
import { formatCount } from "../text/format_numbers.ts";
import { type Column, formatTextTable } from "../text/text_table.ts";

const PARTS: Column[] = [
  { heading: "Part", align: "left" },
  { heading: "Bytes", align: "right" },
  { heading: "Share", align: "right" },
];

const TENSORS: Column[] = [
  { heading: "Tensor", align: "left" },
  { heading: "Weights", align: "right" },
  { heading: "Held as", align: "left" },
  { heading: "Coding", align: "left" },
  { heading: "Zeros", align: "right" },
  { heading: "Entropy", align: "right" },
  { heading: "Bits/weight", align: "right" },
  { heading: "Bytes", align: "right" },
];

/** Bits as bytes to a tenth. */
function bytesOf(bits: number): string {
  const bytes = (bits / 8).toFixed(1).replace("-", "−");
  return bytes.replace(/\B(?=(\d{3})+\.)/g, ",");
}

function tensorRow(tensor: TensorInspection): string[] {
  const { headerBits, scaleBits, weightBits } = tensor;
  return [
    tensor.shape.join("×"),
    formatCount(tensor.weights),
    describeTensor(tensor),
    tensor.coding,
    formatCount(tensor.zeros),
    tensor.entropy.toFixed(3),
    tensor.bitsPerWeight.toFixed(3),
    bytesOf(headerBits + scaleBits + weightBits),
  ];
}

function partRows({ bytes, frameBytes, bits }: DramInspection): string[][] {
  const parts: [string, number][] = [
    ["magic, version, length, checksum", frameBytes * 8],
    ["preprocessing and architecture", bits.preprocessing + bits.architecture],
    ["labels", bits.labels],
    ["tensors' headers", bits.headers],
    ["scales and codebooks", bits.scales],
    ["weights", bits.weights],
    ["rounding to bytes", bits.rest],
  ];
  return parts.map(([part, cost]) => [
    part,
    bytesOf(cost),
    `${(cost / 8 / bytes * 100).toFixed(1).replace("-", "−")}%`,
  ]);
}

/**
 * Where the bytes of the `.dram` file `name` go, as tables: its layers, its parts,
 * its tensors with the entropy of their weights and what those take.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { inspectDram } from "../infer/inspect_dram.ts";
 * import { formatInspection } from "./format_inspection.ts";
 *
 * const text = formatInspection("small.dram", inspectDram(smallDram()));
 * assertStringIncludes(text, "small.dram: version 1,");
 * ```
 */
export function formatInspection(
  name: string,
  inspection: DramInspection,
): string {
  const { bytes, version, parameters, labels, bitsPerWeight } = inspection;
  return [
    `${cleanText(name)}: version ${version}, ${formatCount(bytes)} bytes, ${
      formatCount(parameters)
    } parameters, ${bitsPerWeight.toFixed(3)} bits a parameter`,
    `Inputs: ${inspection.preprocessing}; classes: ${
      cleanText(labels.join(", "), { length: 1000 })
    }`,
    "",
    formatSummary(name, modelCost(inspection.spec)).trimEnd(),
    "",
    formatTextTable(PARTS, partRows(inspection)),
    formatTextTable(TENSORS, inspection.tensors.map(tensorRow)).trimEnd(),
  ].join("\n");
}

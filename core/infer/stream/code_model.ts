import { countClasses, shapeLayers } from "../../models/shapes.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { checkDramCost, DRAM_LIMITS, type DramBudget } from "../dram_budget.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeInput, codeLayers, type Grammar } from "./code_layers.ts";
import { codeBits, codeFlag, codeNumber } from "./code_numbers.ts";
import {
  type CodedTensor,
  codeTensor,
  startTensors,
  type TensorPart,
  type TensorPlan,
} from "./code_tensor.ts";
import { tensorGeometries } from "./tensor_geometries.ts";

/** Passes what `count` classes are called: "0", "1", … at the cost of a tenth of a bit, or UTF-8 texts. */
function codeLabels(
  coder: BitCoder,
  count: number,
  labels?: string[],
): string[] {
  const isOther = labels?.some((label, place) => label !== String(place));
  if (!codeFlag(coder, 1, isOther)) {
    return Array.from({ length: count }, (_, place) => String(place));
  }
  const coded: string[] = [];
  for (let place = 0; place < count; place++) {
    const bytes = new TextEncoder().encode(labels?.[place]);
    const length = codeNumber(coder, 3, bytes.length);
    if (length > DRAM_LIMITS.labelBytes) {
      throw new RangeError(
        `Cannot use a .dram: a label must have at most ${DRAM_LIMITS.labelBytes} bytes: one has ${length}`,
      );
    }
    const text = new Uint8Array(length);
    for (let i = 0; i < length; i++) text[i] = codeBits(coder, 8, bytes[i]);
    coded.push(decodeText(text));
  }
  return coded;
}

function decodeText(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    throw new SyntaxError("Cannot read a .dram: labels must be UTF-8 text");
  }
}

/** Parts of the stream: a tensor's are numbered by the tensor. */
export type StreamPart =
  | { part: "preprocessing" | "architecture" | "labels" }
  | { part: TensorPart; tensor: number };

/** A model to write, and how to write each tensor. */
export interface ModelPlan {
  spec: ModelSpec;
  labels: string[];
  tensors: TensorPlan[];
}

/** A model that was passed. */
export interface CodedModel {
  spec: ModelSpec;
  labels: string[];
  tensors: CodedTensor[];
}

/** How pixels become inputs; there is one way yet: divided by 255. */
function codePreprocessing(coder: BitCoder): void {
  if (!codeFlag(coder, 1, false)) return;
  throw new RangeError(
    `Cannot read a .dram: its inputs must be pixels divided by 255: it asks for preprocessing ${
      codeBits(coder, 8)
    }`,
  );
}

/** What is passed before any weight. */
export interface CodedShape {
  spec: ModelSpec;
  labels: string[];
  /** What the whole file costs at the most. */
  cost: DramBudget;
}

/** What {@linkcode codeModel} needs to know besides the coder. */
export interface ModelOptions {
  /** How the version of the format says layers. */
  grammar: Grammar;
  /** What an encoder writes. */
  plan?: ModelPlan;
  /** Is called after each part. */
  mark?: (part: StreamPart) => void;
  /** The file's length, where it is known. */
  bytes?: number;
  /** What the file may cost: `DRAM_BUDGET` for what isn't said. */
  budget?: Partial<DramBudget>;
}

/**
 * Passes preprocessing, architecture and labels. Throws a `RangeError` or `SyntaxError`
 * where what comes in is no model that a `.dram` may hold, or one that costs more
 * than `budget`, before anything of its size is allocated.
 */
export function codeShape(
  coder: BitCoder,
  { grammar, plan, mark, bytes, budget }: ModelOptions,
): CodedShape {
  codePreprocessing(coder);
  mark?.({ part: "preprocessing" });
  const spec: ModelSpec = {
    name: "dram",
    input: codeInput(coder, plan?.spec.input),
    layers: codeLayers(coder, grammar, plan?.spec.layers),
  };
  grammar.wide?.check(spec);
  mark?.({ part: "architecture" });
  const cost = checkDramCost(spec, { bytes, budget });
  const labels = codeLabels(
    coder,
    countClasses(shapeLayers(spec)),
    plan?.labels,
  );
  mark?.({ part: "labels" });
  return { spec, labels, cost };
}

/** Passes a whole model: what {@linkcode codeShape} does, then tensors. Throws what that throws. */
export function codeModel(
  coder: BitCoder,
  options: ModelOptions,
): CodedModel {
  const { plan, mark } = options;
  const { spec, labels } = codeShape(coder, options);
  const geometries = tensorGeometries(spec);
  const { wide } = options.grammar;
  const context = startTensors(wide?.tensors);
  const shapes = shapeLayers(spec).flatMap(({ weights }) => weights);
  const tensors = shapes.map((shape, index) =>
    codeTensor(coder, context, {
      shape: [...shape],
      geometry: geometries[index],
      plan: plan?.tensors[index],
      mark: (part) => mark?.({ part, tensor: index }),
    })
  );
  wide?.checkTensors?.(spec, tensors.map(({ tensor }) => tensor));
  return { spec, labels, tensors };
}

import { classCount, modelCost } from "../../models/cost.ts";
import { MAX_UNITS, type ModelSpec } from "../../models/spec.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeInput, codeLayers } from "./code_layers.ts";
import { codeLabels } from "./code_labels.ts";
import { codeBits, codeFlag } from "./code_numbers.ts";
import {
  type CodedTensor,
  codeTensor,
  startTensors,
  type TensorPart,
  type TensorPlan,
} from "./code_tensor.ts";
import { tensorGeometries } from "./tensor_geometries.ts";

/** Most weights of a model. */
export const MAX_WEIGHTS = 2 ** 22;

/** Most multiply-adds for one image, and numbers of one layer's output. */
const MAX_MULTIPLY_ADDS = 2 ** 30;
const MAX_ACTIVATIONS = 2 ** 22;

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

function refuse(rule: string, value: number): never {
  throw new RangeError(
    `Cannot use a .dram: its model must have at most ${rule}: it has ${value}`,
  );
}

/** Throws unless a model of `spec` can be had at all, and isn't too large. */
function checkSize(spec: ModelSpec): void {
  const { parameters, multiplyAdds, layers } = modelCost(spec);
  if (parameters > MAX_WEIGHTS) refuse(`${MAX_WEIGHTS} weights`, parameters);
  if (multiplyAdds > MAX_MULTIPLY_ADDS) {
    refuse(`${MAX_MULTIPLY_ADDS} multiply-adds`, multiplyAdds);
  }
  const largest = Math.max(
    spec.input.reduce((total, extent) => total * extent, 1),
    ...layers.map(({ activationBytes }) => activationBytes / 4),
  );
  if (largest > MAX_ACTIVATIONS) {
    refuse(`${MAX_ACTIVATIONS} numbers in a layer's output`, largest);
  }
  // More have no number of 16 bits; a dense layer can't have them, but an image can.
  const classes = classCount(spec);
  if (classes > MAX_UNITS) refuse(`${MAX_UNITS} classes`, classes);
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

/**
 * Passes a whole model: preprocessing, architecture, labels, tensors. `plan` is
 * what an encoder writes; `mark` is called after each part.
 *
 * Throws a `RangeError` or `SyntaxError` where what comes in is no model that a
 * `.dram` may hold, before anything of its size is allocated.
 */
export function codeModel(
  coder: BitCoder,
  { plan, mark }: {
    plan?: ModelPlan;
    mark?: (part: StreamPart) => void;
  } = {},
): CodedModel {
  codePreprocessing(coder);
  mark?.({ part: "preprocessing" });
  const spec: ModelSpec = {
    name: "dram",
    input: codeInput(coder, plan?.spec.input),
    layers: codeLayers(coder, plan?.spec.layers),
  };
  mark?.({ part: "architecture" });
  checkSize(spec);
  const labels = codeLabels(coder, classCount(spec), plan?.labels);
  mark?.({ part: "labels" });
  const geometries = tensorGeometries(spec);
  const context = startTensors();
  const shapes = modelCost(spec).layers.flatMap((layer) => layer.weights);
  const tensors = shapes.map((shape, index) =>
    codeTensor(coder, context, {
      shape,
      geometry: geometries[index],
      plan: plan?.tensors[index],
      mark: (part) => mark?.({ part, tensor: index }),
    })
  );
  return { spec, labels, tensors };
}

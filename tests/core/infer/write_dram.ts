import { RangeEncoder } from "../../../core/compress/code/range_encoder.ts";
import type { DramBudget } from "../../../core/infer/dram_budget.ts";
import {
  type DramVersion,
  frameStream,
} from "../../../core/infer/dram_frame.ts";
import { codeModel } from "../../../core/infer/stream/code_model.ts";
import type { SymbolCoding } from "../../../core/infer/stream/code_symbols.ts";
import { GRAMMARS } from "../../../core/infer/stream/code_wide_layers.ts";
import type { TensorPlan } from "../../../core/infer/stream/code_tensor.ts";
import { classCount, weightShapes } from "../../../core/models/cost.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";

/** A budget that nothing exceeds: for files that must be refused. */
export const UNBOUNDED: DramBudget = {
  bytes: Infinity,
  weights: Infinity,
  activations: Infinity,
  decoding: Infinity,
  memory: Infinity,
  operations: Infinity,
};

/** A layer without its name. */
export type Unnamed = LayerSpec extends infer Layer
  ? Layer extends LayerSpec ? Omit<Layer, "name"> : never
  : never;

/** `layers` on images of `input`, named by their places, with a softmax behind them. */
export function specOf(
  input: ModelSpec["input"],
  layers: Unnamed[],
): ModelSpec {
  const named = [...layers, { kind: "softmax" } as const].map(
    (layer, place): LayerSpec => ({ ...layer, name: `layer-${place}` }),
  );
  return { name: "written", input, layers: named };
}

/** A tensor of zeros of 8 bits, coded as `coding`. */
function zeros(shape: number[], coding: SymbolCoding): TensorPlan {
  const levels = new Int8Array(shape.reduce((a, b) => a * b));
  const bits = 8;
  return {
    tensor: {
      kind: "uniform",
      shape,
      bits,
      scale: Float32Array.of(2 ** -4),
      levels,
    },
    header: { kind: "uniform", bits, perChannel: false, fractionBits: 0 },
    coding,
  };
}

/**
 * The file of a model of `spec`, whatever it costs to read it, of version 1 if `version`
 * doesn't say otherwise: its weights are 0, if `tensors` doesn't.
 */
export function writeDram(
  spec: ModelSpec,
  { coding = { kind: "gaps" }, tensors, version = 1 }: {
    coding?: SymbolCoding;
    tensors?: TensorPlan[];
    version?: DramVersion;
  } = {},
): Uint8Array<ArrayBuffer> {
  const encoder = new RangeEncoder();
  const labels = Array.from({ length: classCount(spec) }, (_, i) => `${i}`);
  const plans = tensors ??
    weightShapes(spec).map((shape) => zeros(shape, coding));
  codeModel(encoder, {
    grammar: GRAMMARS[version],
    plan: { spec, labels, tensors: plans },
    budget: UNBOUNDED,
  });
  return frameStream(encoder.finish(), version);
}

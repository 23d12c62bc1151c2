import { channelCount } from "../../infer/channel_count.ts";
import {
  checkDramCost,
  COST_WORDS,
  COSTS,
  DRAM_BUDGET,
  measureCost,
} from "../../infer/dram_budget.ts";
import { frameStream } from "../../infer/dram_frame.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../infer/encoded_tensor.ts";
import { roundToHalf } from "../../infer/half.ts";
import type { TensorHeader } from "../../infer/stream/code_header.ts";
import type { Geometry } from "../../infer/stream/code_levels.ts";
import { codeModel } from "../../infer/stream/code_model.ts";
import { GRAMMARS, versionFor } from "../../infer/stream/code_wide_layers.ts";
import {
  codeTensor,
  startTensors,
  type TensorPlan,
} from "../../infer/stream/code_tensor.ts";
import type { LevelModel } from "../../infer/stream/level_model.ts";
import { tensorGeometries } from "../../infer/stream/tensor_geometries.ts";
import { classCount, weightShapes } from "../../models/cost.ts";
import { listLayers } from "../../models/layers/layers.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { BitMeter } from "./bit_meter.ts";
import { canonicalIntegers } from "./canonical_integers.ts";
import { canonicalTensor } from "./canonical_tensor.ts";
import { chooseCoding } from "./choose_coding.ts";
import { chooseHeaders } from "./choose_headers.ts";
import { symbolTensorOf } from "./measure_tensor.ts";
import { RangeEncoder } from "./range_encoder.ts";

/** How `tensor` is written best under `header`, where `model` has learnt from the tensors before it. */
function planTensor(
  { tensor, header }: { tensor: EncodedTensor; header: TensorHeader },
  geometry: Geometry,
  model: LevelModel,
): TensorPlan {
  const symbols = symbolTensorOf(tensor, geometry);
  if (!symbols) return { tensor, header };
  return { tensor, header, coding: chooseCoding(symbols, model) };
}

function refuse(rule: string, value: unknown, remedy = ""): never {
  throw new RangeError(
    `Cannot write a .dram: ${rule}: current value is ${value}${remedy}`,
  );
}

function checkHalves(values: Float32Array, what: string): void {
  for (const value of values) {
    if (!Number.isFinite(value) || roundToHalf(value) !== value) {
      refuse(
        `${what} must be finite float16s`,
        value,
        ": round with roundToHalf first",
      );
    }
  }
}

function checkLength(values: ArrayLike<number>, shape: number[]): void {
  const count = shape.reduce((total, extent) => total * extent, 1);
  if (values.length !== count) {
    refuse(
      `a tensor of shape ${shape.join("×")} must hold ${count} weights`,
      values.length,
    );
  }
}

function checkLevels(levels: Int8Array, bits: number): void {
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) {
    refuse("levels must have 1 to 8 bits", bits);
  }
  const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const wrong = levels.find((level) =>
    bits === 1 ? Math.abs(level) !== 1 : level < low || level > high
  );
  if (wrong === undefined) return;
  const range = bits === 1 ? "−1 or 1" : `from ${low} to ${high}`;
  refuse(`levels of ${bits} bits must be ${range}`, wrong);
}

function checkTensor(tensor: EncodedTensor): void {
  const { shape } = tensor;
  switch (tensor.kind) {
    case "float":
      checkLength(tensor.values, shape);
      if (tensor.bits === 16) checkHalves(tensor.values, "weights of 16 bits");
      break;
    case "uniform": {
      const { scale, levels, bits } = tensor;
      checkLength(levels, shape);
      checkLevels(levels, bits);
      if (![1, channelCount(shape)].includes(scale.length)) {
        refuse(
          `shape ${shape.join("×")} must have 1 or ${
            channelCount(shape)
          } scales`,
          scale.length,
        );
      }
      checkHalves(scale, "scales");
      // A file has no sign for them.
      const wrong = scale.find((each) => each <= 0);
      if (wrong !== undefined) {
        refuse("scales must be finite and above 0", wrong);
      }
      break;
    }
    case "codebook": {
      const { codebook, indices } = tensor;
      checkLength(indices, shape);
      checkHalves(codebook, "codebooks");
      const index = indices.find((index) => index >= codebook.length);
      if (index !== undefined) {
        refuse(`indices must be below ${codebook.length}`, index);
      }
    }
  }
}

/**
 * Throws a `RangeError` unless a file can hold `model` without a change: no
 * dropout, a label a class, tensors of the spec's shapes, levels within their bits,
 * scales and codebooks that are float16s.
 */
function checkEncodable({ spec, labels, tensors }: EncodedModel): void {
  const dropout = listLayers(spec.layers).find(({ kind }) =>
    kind === "dropout"
  );
  if (dropout) {
    refuse("it must hold no dropout layer", dropout.name, ": leave it out");
  }
  const classes = classCount(spec);
  if (labels.length !== classes) {
    refuse(`it must hold ${classes} labels`, labels.length);
  }
  // Half of a surrogate pair has no UTF-8: another character would be written.
  const broken = labels.find((label) => !label.isWellFormed());
  if (broken !== undefined) {
    refuse("labels must be well-formed Unicode", JSON.stringify(broken));
  }
  const shapes = weightShapes(spec).map(String).join("; ");
  const given = tensors.map(({ shape }) => String(shape)).join("; ");
  if (given !== shapes) refuse(`tensors must have shapes ${shapes}`, given);
  tensors.forEach(checkTensor);
}

/**
 * Throws a `RangeError` where a `.dram` file of `spec` would cost more than `DRAM_BUDGET`
 * however short it is: readers refuse it, so that no training of it is worth its while.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { checkWritable } from "./encode_dram.ts";
 *
 * const wide = parseLayers("dense30000");
 * assertThrows(() => checkWritable(wide), RangeError, "at most 16777216 weights");
 * ```
 */
export function checkWritable(spec: ModelSpec): void {
  const cost = measureCost(spec, 0);
  const what = COSTS.find((what) => cost[what] > DRAM_BUDGET[what]);
  if (what === undefined) return;
  throw new RangeError(
    `Cannot make a .dram of ${spec.name}: it must have at most ${
      DRAM_BUDGET[what]
    } ${COST_WORDS[what]}: it has ${
      cost[what]
    }; begin with a smaller model, or with smaller images (--image HxWxC)`,
  );
}

/**
 * The `.dram` file of `model`: each tensor coded in the way that takes fewest
 * bits. The same model gives the same bytes on every machine.
 *
 * `decodeDram` gives back the same labels and weights, bit for bit (but that −0 may
 * become 0); names of the
 * model and of layers are not stored, and codebooks come back in ascending order.
 * Throws a `RangeError` where a file can't hold the model as it is, or would
 * cost more than `DRAM_BUDGET`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeDram } from "../../infer/decode_dram.ts";
 * import { encodeDram } from "./encode_dram.ts";
 *
 * const tensors = [
 *   { kind: "uniform", shape: [4, 2], bits: 2, scale: Float32Array.of(0.5), levels: Int8Array.of(0, 1, -1, 0, 0, 1, 1, -2) },
 *   { kind: "float", shape: [2], bits: 16, values: Float32Array.of(0.25, -1) },
 * ] as const;
 * const bytes = encodeDram({
 *   spec: {
 *     name: "tiny",
 *     input: [2, 2, 1],
 *     layers: [
 *       { kind: "flatten", name: "flatten" },
 *       { kind: "dense", name: "dense", units: 2, activation: "linear" },
 *       { kind: "softmax", name: "softmax" },
 *     ],
 *   },
 *   labels: ["0", "1"],
 *   tensors: tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape] })),
 * });
 * assertEquals(decodeDram(bytes).tensors.map(({ kind }) => kind), ["uniform", "float"]);
 * ```
 */
export function encodeDram(model: EncodedModel): Uint8Array<ArrayBuffer> {
  checkEncodable(model);
  const { spec, labels } = model;
  const geometries = tensorGeometries(spec);
  const version = versionFor(spec.layers);
  const context = startTensors(GRAMMARS[version].wide?.tensors);
  const canonical = model.tensors.map(
    version === 4 ? canonicalIntegers : canonicalTensor,
  );
  const headers = chooseHeaders(canonical);
  const tensors = canonical.map((tensor, index) => {
    const geometry = geometries[index];
    const header = headers[index];
    const plan = planTensor({ tensor, header }, geometry, context.model);
    const { shape } = tensor;
    // Passed for what the model learns from it.
    codeTensor(new BitMeter(), context, { shape, geometry, plan });
    return plan;
  });
  const encoder = new RangeEncoder();
  codeModel(encoder, {
    grammar: GRAMMARS[version],
    plan: { spec, labels, tensors },
  });
  const bytes = frameStream(encoder.finish(), version);
  checkDramCost(spec, { bytes: bytes.length });
  return bytes;
}

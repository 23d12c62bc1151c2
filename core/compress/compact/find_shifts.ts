import type { Examples } from "../../data/dataset.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { forward } from "../../models/forward.ts";
import { LARGEST_BYTE, mostOf, withLogitShift } from "../../models/integer.ts";
import { LEAK } from "../../models/layers/activation.ts";
import {
  type ActivationFields,
  type LayerSpec,
  MOST_SHIFT,
  type RoundingFields,
  type RoundingShift,
} from "../../models/layers/layer.ts";
import { listLayers } from "../../models/layers/layers.ts";
import { checkSpec, type ModelSpec } from "../../models/spec.ts";
import type {
  Constraint,
  UniformConstraint,
} from "../../train/constraints/constraint.ts";
import { spreadOut } from "../../train/constraints/integers.ts";
import { chooseStep } from "../../train/constraints/start_variables.ts";
import { toTensor } from "../../train/training_state.ts";
import * as tf from "../../tf.ts";
import type { IntegerConfiguration } from "./compact_configuration.ts";
import { firstImages } from "./first_images.ts";

/** How shifts are chosen. */
export interface FindShiftsOptions {
  /** What each weight is held to. */
  constraints: Constraint[];
  /** Bits of what each rounding keeps. */
  bits: number;
  /** Whether channels of a layer have shifts of their own. */
  perChannel: boolean;
}

/** Images that shifts are chosen by: ranges of sums hardly change with more. */
const IMAGES = 256;

/** Numbers of a layer that a shift is chosen by, at the most. */
const MOST_NUMBERS = 100_000;

/** Bits by which a rounding's range may be less than all that is seen. */
const MOST_CLIPPED = 5;

/** Bits by which shifts of one layer's channels may differ. */
const MOST_SPREAD = 4;

function refuse(name: string, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot make ${name} a model of integers: ${rule}: current value is ${value}`,
  );
}

/** How a rounding treats what is below 0, in place of `layer`'s activation. */
function roundingFor(
  { activation, slope = LEAK }: ActivationFields,
): Pick<ActivationFields, "slope"> | undefined {
  if (activation === "relu") return {};
  if (activation === "linear") return { slope: 1 };
  const bits = -Math.log2(slope);
  const whole = Number.isInteger(bits) && bits >= 1 && bits <= 7;
  return activation === "leakyRelu" && whole ? { slope } : undefined;
}

/**
 * Throws a `RangeError` unless `spec` can become a model of integers: its activations are
 * relu, leaky relu with a slope of 2⁻¹ to 2⁻⁷, or none, and bits are 1 to 8.
 */
export function checkRoundable(
  spec: ModelSpec,
  { activationBits }: IntegerConfiguration,
): void {
  if (
    !(Number.isInteger(activationBits) && activationBits >= 1 &&
      activationBits <= 8)
  ) {
    refuse(
      spec.name,
      "activation bits must be an integer from 1 to 8",
      activationBits,
    );
  }
  for (const layer of listLayers(spec.layers)) {
    if (!("activation" in layer) || layer.activation === undefined) continue;
    const { activation, slope, name } = layer;
    if (roundingFor({ activation, slope })) continue;
    refuse(
      spec.name,
      "activations must be relu, linear, or leaky with a slope of 0.5, 0.25, 0.125 and so on to 2^-7",
      `${activation}${slope === undefined ? "" : ` ${slope}`} of ${name}`,
    );
  }
}

/**
 * The shift s with which roundings of `values` / (unit · 2^s) are nearest to them: least
 * Σ (v − δ·clamp(⌊v/δ + ½⌋))², δ = unit · 2^s. Those from the least that clips nothing down
 * are tried.
 */
function chooseShift(
  values: Float32Array,
  unit: number,
  rounding: Pick<ActivationFields, "bits" | "slope">,
): number {
  const most = mostOf(rounding);
  const least = rounding.slope === undefined ? 0 : -most;
  const apart = Math.ceil(values.length / MOST_NUMBERS);
  const largest = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const whole = Math.ceil(Math.log2(largest / (most * unit)));
  const highest = Math.min(Math.max(whole, 0), MOST_SHIFT);
  let best = { shift: highest, error: Infinity };
  for (
    let shift = highest;
    shift >= Math.max(0, highest - MOST_CLIPPED);
    shift--
  ) {
    const step = unit * 2 ** shift;
    let error = 0;
    for (let i = 0; i < values.length; i += apart) {
      const rounded = Math.floor(values[i] / step + 0.5);
      const kept = Math.min(Math.max(rounded, least), most);
      error += (values[i] - kept * step) ** 2;
    }
    if (error < best.error) best = { shift, error };
  }
  return best.shift;
}

/** By how many bits the best step of each channel of a kernel is above the least of them. */
function spreadChannels(
  weights: Float32Array,
  channels: number,
  constraint: UniformConstraint,
): number[] {
  const octaves = Array.from({ length: channels }, (_, channel) => {
    const own = weights.filter((_, i) => i % channels === channel);
    // Channels that are all 0 have no best step.
    return own.some((weight) => weight !== 0)
      ? Math.log2(chooseStep(own, constraint))
      : Infinity;
  });
  const least = Math.min(...octaves);
  return octaves.map((octave) =>
    Number.isFinite(octave)
      ? Math.min(Math.round(octave - least), MOST_SPREAD)
      : 0
  );
}

/** What layers read. */
interface Reading {
  /** Real numbers of some images. */
  x: tf.Tensor;
  /** What their integers are multiples of. */
  unit: number;
  /** Whether they can be below 0. */
  signed: boolean;
}

/**
 * `spec`, whose float `weights` have been trained, as a model of integers: each activation a
 * rounding to `bits` bits, whose shift makes what it keeps of the real numbers' of the first
 * images most alike, with kernels' steps of least squared error; means the sums that they are
 * of; and the logits shifted by the power of two nearest to their unit.
 *
 * On the current backend; equal weights, equal shifts. Throws a `RangeError` where the layers
 * can't be of integers, as {@linkcode checkRoundable} does.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { isInteger } from "../../models/integer.ts";
 * import { COMPACT_CONFIGURATION } from "./compact_configuration.ts";
 * import { findShifts } from "./find_shifts.ts";
 * import { weightConstraints } from "./weight_constraints.ts";
 *
 * const { spec, weights } = await makeBarsTeacher(); // on Wasm
 * const constraints = weightConstraints(spec, {
 *   ...COMPACT_CONFIGURATION,
 *   integers: { activationBits: 8 },
 * });
 * const { layers } = await findShifts(spec, weights, makeBars().train, {
 *   constraints,
 *   bits: 8,
 *   perChannel: false,
 * });
 * assert(isInteger(layers));
 * ```
 */
export async function findShifts(
  spec: ModelSpec,
  weights: FloatArray[],
  examples: Examples,
  { constraints, bits, perChannel }: FindShiftsOptions,
): Promise<ModelSpec> {
  checkRoundable(spec, { activationBits: bits });
  const tensors = weights.map(toTensor);
  const keptBits: RoundingFields = bits === 8 ? {} : { bits };
  const last = spec.layers.findLast(({ kind }) =>
    kind !== "softmax" && kind !== "dropout"
  );
  let used = 0;

  /** What the first layers make of `x`, with weights from `first` on. */
  const realNumbers = async (
    layers: LayerSpec[],
    { x }: Reading,
    first: number,
  ): Promise<Float32Array> => {
    const made = tf.tidy(() => forward(layers, tensors.slice(first), x));
    const values = Float32Array.from(await made.data());
    made.dispose();
    return values;
  };

  const walk = async (
    layers: LayerSpec[],
    reads: Reading,
    within: boolean,
  ): Promise<{ layers: LayerSpec[]; unit: number }> => {
    const first = used;
    let { unit, signed } = reads;
    const made: LayerSpec[] = [];
    for (const [index, layer] of layers.entries()) {
      const values = () =>
        realNumbers(layers.slice(0, index + 1), reads, first);
      switch (layer.kind) {
        case "conv2d":
        case "depthwiseConv2d":
        case "dense": {
          const constraint = constraints[used];
          if (constraint.kind !== "uniform") {
            refuse(
              spec.name,
              "kernels must have 1 to 8 bits",
              constraint.kind,
            );
          }
          const { values: kernel } = weights[used];
          const channels = weights[used + 1].values.length;
          used += 2;
          const plain = chooseStep(kernel, constraint) * unit;
          const raw = layer === last ||
            (within && index === layers.length - 1 &&
              layer.activation === "linear");
          if (raw) {
            unit = plain;
            signed = true;
            made.push(layer);
            break;
          }
          const rounding = { ...keptBits, ...roundingFor(layer) };
          const numbers = await values();
          let shift: RoundingShift = chooseShift(numbers, plain, rounding);
          let factor = 2 ** shift * plain;
          if (perChannel) {
            const spread = spreadChannels(kernel, channels, constraint);
            const spreadUnit = (bits: number[]) =>
              unit *
              chooseStep(
                spreadOut(kernel, bits.map((each) => 2 ** each)),
                constraint,
              );
            const wanted = chooseShift(numbers, spreadUnit(spread), rounding);
            const held = spread.map((each) => Math.min(each, wanted));
            const most = Math.max(...held);
            if (most > 0) {
              shift = held.map((each) => wanted - each);
              factor = 2 ** wanted * spreadUnit(held);
            }
          }
          unit = factor;
          signed = rounding.slope !== undefined;
          const { slope: _, ...rest } = layer;
          made.push({ ...rest, ...round(rounding), shift });
          break;
        }
        case "averagePool2d":
        case "globalAveragePool2d": {
          const shape = tf.tidy(() =>
            forward(layers.slice(0, index), tensors.slice(first), reads.x).shape
          );
          const [rows, columns = rows] = layer.kind === "averagePool2d"
            ? [layer.size].flat()
            : shape.slice(1);
          unit /= rows * columns;
          if (layer === last) {
            made.push({ ...layer, activation: "linear", shift: 0 });
            break;
          }
          const rounding = { ...keptBits, ...signed && { slope: 1 } };
          const shift = chooseShift(await values(), unit, rounding);
          unit *= 2 ** shift;
          made.push({ ...layer, ...round(rounding), shift });
          break;
        }
        case "residual": {
          const x = tf.tidy(() =>
            tf.clone(
              forward(layers.slice(0, index), tensors.slice(first), reads.x),
            )
          );
          const held = await walk(layer.layers, { x, unit, signed }, true);
          x.dispose();
          // Its layers' last kernel takes the step that makes this exact.
          const bits = Math.round(Math.log2(unit / held.unit));
          const lift = Math.min(Math.max(bits, 0), MOST_LIFT);
          unit *= 2 ** -lift;
          const rounding = { ...keptBits, ...roundingFor(layer) };
          const shift = chooseShift(await values(), unit, rounding);
          unit *= 2 ** shift;
          signed = rounding.slope !== undefined;
          const { slope: _, ...rest } = layer;
          made.push({
            ...rest,
            ...round(rounding),
            layers: held.layers,
            shift,
            ...lift > 0 && { lift },
          });
          break;
        }
        case "maxPool2d":
        case "globalMaxPool2d":
        case "flatten":
        case "dropout":
        case "softmax":
          made.push(layer);
          break;
        default:
          layer satisfies never;
      }
    }
    return { layers: made, unit };
  };

  const x = firstImages(examples, IMAGES);
  try {
    const reads = { x, unit: 1 / LARGEST_BYTE, signed: false };
    const { layers, unit } = await walk(spec.layers, reads, false);
    const made = withLogitShift({ ...spec, layers }, unit);
    checkSpec(made);
    return made;
  } finally {
    tf.dispose([x, tensors]);
  }
}

/** Bits by which what a residual layer reads may be shifted: sums stay below 2^23. */
const MOST_LIFT = 14;

/** The fields of a rounding, in place of those of another activation. */
function round(
  { bits, slope }: Pick<ActivationFields, "bits" | "slope">,
): Pick<ActivationFields, "activation" | "bits" | "slope"> {
  return {
    activation: "round",
    ...bits !== undefined && { bits },
    ...slope !== undefined && { slope },
  };
}

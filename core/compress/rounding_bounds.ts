import { directSteps, type LayerStep } from "../infer/direct/direct_steps.ts";
import { WIDE_STEPS } from "../infer/direct/wide_steps.ts";
import type { Images } from "../infer/count_images.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { boundIntegers, isInteger } from "../models/integer.ts";
import type { RealActivation } from "../models/layers/activation.ts";
import type { LayerSpec, ModelSpec } from "../models/spec.ts";

/** u: half the distance from 1 to the next float32. */
const UNIT = 2 ** -24;

/**
 * Roundings beside those of n products and their sum: the bias, and a division,
 * which WGSL lets be wrong by 2.5 units.
 */
const MORE = 4;

/** γ_n = n·u / (1 − n·u): what n roundings in a row can change a number by, relatively. */
function relativeBound(roundings: number): number {
  return roundings * UNIT / (1 - roundings * UNIT);
}

/**
 * How an activation's value may be wrong: by its steepest slope times what its sum is wrong
 * by, and by so much of 1 and of itself. WGSL's `exp` may be off by 3 + 2|x| units of the last
 * place, its `tanh` by 10⁻⁵; Wasm's are nearer.
 *
 * Source: WebGPU Shading Language, "Floating point evaluation", 2025.
 */
const ACTIVATION_ERRORS: Readonly<
  Record<
    RealActivation,
    { slope: number; absolute: number; relative: number }
  >
> = {
  linear: { slope: 1, absolute: 0, relative: 0 },
  relu: { slope: 1, absolute: 0, relative: 0 },
  relu6: { slope: 1, absolute: 0, relative: 0 },
  leakyRelu: { slope: 1, absolute: 0, relative: 2 * UNIT },
  elu: { slope: 1, absolute: 16 * UNIT, relative: 0 },
  sigmoid: { slope: 1 / 4, absolute: 16 * UNIT, relative: 0 },
  tanh: { slope: 1, absolute: 2 ** -16, relative: 0 },
  swish: { slope: 1.1, absolute: 32 * UNIT, relative: 32 * UNIT },
};

/** `layers` without what follows their sums. */
function linearise(layers: readonly LayerSpec[]): LayerSpec[] {
  return layers.map((layer): LayerSpec => {
    if (layer.kind === "residual") {
      const held = linearise(layer.layers);
      const { slope: _, ...sum } = layer;
      return { ...sum, layers: held, activation: "linear" };
    }
    if (!("activation" in layer)) return layer;
    const { slope: _, ...sums } = layer;
    return { ...sums, activation: "linear" };
  });
}

/** The layers of `layers` that compute: each is a step of the direct path. */
function computing(layers: readonly LayerSpec[]): LayerSpec[] {
  return layers.filter(({ kind }) =>
    kind !== "flatten" && kind !== "dropout" && kind !== "softmax"
  );
}

/** |w| for each kernel, γ·|b| for each bias. */
function absoluteWeights(weights: FloatArray[]): FloatArray[] {
  return weights.map(({ shape, values }, index) => {
    if (index % 2 === 0) return { shape, values: values.map(Math.abs) };
    const terms = weights[index - 1].values.length / values.length;
    const relative = relativeBound(terms + MORE);
    return { shape, values: values.map((bias) => relative * Math.abs(bias)) };
  });
}

/**
 * How far any logit of each image can be from the exact one where every sum is
 * taken in float32, in any order, with or without fused multiply-adds: `[n]`.
 *
 * With e the bound on a layer's inputs x, that on its outputs is
 * Σ_k |w_k|·(e_k + γ·(|x_k| + e_k)) + γ·|b|, γ = γ_{n+4} for sums of n terms:
 * the layer itself, run once more on |w|. A mean is such a sum, a maximum passes e on. An
 * activation f with |f(x) − f(y)| ≤ L·|x − y| passes L·e on, and by how much its own value
 * may be wrong ({@linkcode ACTIVATION_ERRORS}).
 * Pixels come from a division: e = γ_3·x. Numbers below 2⁻¹²⁶, which some devices take
 * for 0, are left out of account, and so are sums by Winograd's method, whose bound for
 * the worst case is larger, though what it does to real sums is far below this one.
 *
 * Of a model of integers all are 0: its sums are exact, whatever their order, as
 * `boundIntegers` makes sure.
 *
 * Throws a `RangeError` where the spec is unusable, or the weights are not its.
 *
 * Source: Higham, "Accuracy and stability of numerical algorithms", 2002,
 * section 3.1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import type { Activation, LayerSpec, ModelSpec } from "../models/spec.ts";
 * import { roundingBounds } from "./rounding_bounds.ts";
 *
 * const spec: ModelSpec = {
 *   name: "double",
 *   input: [1, 1, 1],
 *   layers: [
 *     { kind: "flatten", name: "flatten" },
 *     { kind: "dense", name: "logits", units: 1, activation: "linear" },
 *     { kind: "softmax", name: "softmax" },
 *   ],
 * };
 * const weights = [
 *   { shape: [1, 1], values: Float32Array.of(2) },
 *   { shape: [1], values: Float32Array.of(0) },
 * ];
 * const [bound] = roundingBounds(spec, weights, Float32Array.of(1));
 * assertAlmostEquals(bound * 2 ** 24, 2 * (3 + 5) + 2, 1e-4);
 * ```
 */
export function roundingBounds(
  spec: ModelSpec,
  weights: FloatArray[],
  images: Images,
): Float64Array<ArrayBuffer> {
  const size = spec.input.reduce((a, b) => a * b);
  if (isInteger(spec.layers)) {
    boundIntegers(spec, weights);
    return new Float64Array(images.length / size);
  }
  const { steps, largest, classes } = directSteps(spec, weights, WIDE_STEPS);
  const linear = { ...spec, layers: linearise(spec.layers) };
  const bounds = directSteps(linear, absoluteWeights(weights), WIDE_STEPS)
    .steps;
  const layers = computing(spec.layers);
  const scale = images instanceof Uint8Array ? 255 : 1;
  return Float64Array.from({ length: images.length / size }, (_, image) => {
    const x = new Float64Array(largest);
    const error = new Float64Array(largest);
    for (let i = 0; i < size; i++) {
      x[i] = images[image * size + i] / scale;
      error[i] = relativeBound(3) * Math.abs(x[i]);
    }
    const logits = runBounded({ layers, steps, bounds }, { x, error });
    let most = 0;
    for (let i = 0; i < classes; i++) {
      // The direct path's logits are rounded once, at their end.
      most = Math.max(most, logits.error[i] + UNIT * Math.abs(logits.x[i]));
    }
    return most;
  });
}

/** Numbers between layers, and by how much each may be wrong. */
interface Bounded {
  x: Float64Array<ArrayBuffer>;
  error: Float64Array<ArrayBuffer>;
}

/** A row of layers. */
interface BoundedRow {
  /** Those that compute. */
  layers: readonly LayerSpec[];
  /** Their steps. */
  steps: readonly LayerStep[];
  /** Their steps with absolute weights, and without activations. */
  bounds: readonly LayerStep[];
}

/** What a row makes of `before`. */
function runBounded(
  { layers, steps, bounds }: BoundedRow,
  before: Bounded,
): Bounded {
  const { length } = before.x;
  let { x, error } = before;
  let [y, after] = [new Float64Array(length), new Float64Array(length)];
  const input = new Float64Array(length);
  for (const [index, { run, terms, held }] of steps.entries()) {
    const relative = terms === 0 ? 0 : relativeBound(terms + MORE);
    if (held) {
      // Both terms have errors of their own; their sum is rounded once.
      const copy = { x: x.slice(), error: error.slice() };
      const layer = layers[index];
      const added = runBounded({
        layers: computing(layer.kind === "residual" ? layer.layers : []),
        steps: held,
        bounds: bounds[index].held ?? [],
      }, copy);
      for (let i = 0; i < length; i++) {
        const sum = Math.abs(x[i]) + Math.abs(added.x[i]);
        const wrong = error[i] + added.error[i];
        after[i] = wrong + relative * (sum + wrong);
      }
    } else {
      for (let i = 0; i < length; i++) {
        input[i] = error[i] + relative * (Math.abs(x[i]) + error[i]);
      }
      bounds[index].run(input, after);
    }
    run(x, y);
    const layer = layers[index];
    if ("activation" in layer && layer.activation) {
      if (layer.activation === "round") throw new TypeError("nothing rounds");
      const { slope, absolute, relative } = ACTIVATION_ERRORS[layer.activation];
      for (let i = 0; i < length; i++) {
        after[i] = slope * after[i] + absolute + relative * Math.abs(y[i]);
      }
    }
    [x, y, error, after] = [y, x, after, error];
  }
  return { x, error };
}

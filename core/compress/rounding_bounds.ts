import { directSteps, type LayerStep } from "../infer/direct/direct_steps.ts";
import type { Images } from "../infer/count_images.ts";
import type { FloatArray } from "../files/safetensors.ts";
import type { ModelSpec } from "../models/spec.ts";

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
 * the layer itself, run once more on |w|, with its activation, which leaves what isn't
 * below 0. A mean is such a sum; a maximum, and a relu, pass e on, and so does a leaky
 * relu: |f(x) − f(y)| ≤ |x − y|, and its slope is a power of two, which rounds nothing.
 * Pixels come from a division: e = γ_3·x. Numbers below 2⁻¹²⁶, which some devices take
 * for 0, are left out of account, and so are sums by Winograd's method, whose bound for
 * the worst case is larger, though what it does to real sums is far below this one.
 *
 * Throws a `RangeError` where the spec is unusable, or the weights are not its.
 *
 * Source: Higham, "Accuracy and stability of numerical algorithms", 2002,
 * section 3.1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import type { ModelSpec } from "../models/spec.ts";
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
  const { steps, largest, classes } = directSteps(spec, weights);
  const bounds = directSteps(spec, absoluteWeights(weights)).steps;
  const size = spec.input.reduce((a, b) => a * b);
  const scale = images instanceof Uint8Array ? 255 : 1;
  return Float64Array.from({ length: images.length / size }, (_, image) => {
    const x = new Float64Array(largest);
    const error = new Float64Array(largest);
    for (let i = 0; i < size; i++) {
      x[i] = images[image * size + i] / scale;
      error[i] = relativeBound(3) * Math.abs(x[i]);
    }
    const logits = runBounded(steps, bounds, { x, error });
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

/** What `steps` make of `before`; `bounds` are theirs with absolute weights. */
function runBounded(
  steps: LayerStep[],
  bounds: LayerStep[],
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
      const added = runBounded(held, bounds[index].held ?? [], copy);
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
    [x, y, error, after] = [y, x, after, error];
  }
  return { x, error };
}

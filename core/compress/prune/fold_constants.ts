import type { FloatArray } from "../../files/safetensors.ts";
import type { LayerSpec } from "../../models/spec.ts";

/** A layer's kernel and bias, and which of its weights are in use: 1, others are 0. */
export interface MaskedLayer {
  /** Its kernel. */
  kernel: FloatArray;
  /** Its bias. */
  bias: FloatArray;
  /** Of the kernel, in its shape. */
  mask: Uint8Array<ArrayBuffer>;
}

/**
 * b_j ← b_j + Σ_{i constant} c_i·Σ w_ij, and w_ij ← 0: weights that read what is
 * always c_i, put into the bias. `constants` has c_i, or NaN where an input
 * varies, for each entry of the input's last axis.
 *
 * Of a convolution each constant channel's weights go together. One with zeros around
 * its image reads them beside its constant at the edges, so that only c = 0 folds
 * there. Returns new arrays; `mask` has 0 for the weights folded besides those that
 * `weights.mask` has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foldConstants } from "./fold_constants.ts";
 *
 * const layer = { kind: "dense", name: "logits", units: 2, activation: "linear" } as const;
 * const { kernel, bias, mask } = foldConstants(layer, {
 *   kernel: { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
 *   bias: { shape: [2], values: Float32Array.of(10, 10) },
 *   mask: Uint8Array.of(1, 1, 1, 1),
 * }, Float32Array.of(NaN, 0.5));
 * assertEquals([...kernel.values, ...bias.values], [1, 2, 0, 0, 11.5, 12]);
 * assertEquals(mask, Uint8Array.of(1, 1, 0, 0));
 * ```
 */
export function foldConstants(
  layer: LayerSpec,
  weights: MaskedLayer,
  constants: Float32Array,
): MaskedLayer {
  const { shape } = weights.kernel;
  const [inputs, outputs] = shape.slice(-2);
  const values = weights.kernel.values.slice();
  const mask = new Uint8Array(weights.mask);
  const padded = "padding" in layer &&
    (layer.padding ?? "valid") !== "valid";
  const depthwise = layer.kind === "depthwiseConv2d";
  const bias = Float64Array.from(weights.bias.values);
  for (let index = 0; index < values.length; index++) {
    const input = Math.floor(index / outputs) % inputs;
    const constant = constants[input];
    if (Number.isNaN(constant) || (padded && constant !== 0)) continue;
    bias[depthwise ? input * outputs + index % outputs : index % outputs] +=
      constant * values[index];
    values[index] = 0;
    mask[index] = 0;
  }
  return {
    kernel: { shape, values },
    bias: { shape: weights.bias.shape, values: Float32Array.from(bias) },
    mask,
  };
}

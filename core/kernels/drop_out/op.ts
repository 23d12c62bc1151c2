import {
  checkDropoutRate,
  type DropoutRange,
  dropoutThreshold,
  fillDropoutMask,
} from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import {
  type AttributeRule,
  COUNT,
  defineKernel,
  NUMBER,
  PAIR,
  runKernel,
} from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** A range of a mask as tfjs passes it to kernels. */
type Dropout = { rate: number; key: [number, number]; first: number };

/** The range as what tfjs passes to kernels. */
export function dropoutAttributes(
  { rate, key, first }: DropoutRange,
): Dropout {
  checkDropoutRate(rate);
  return { rate, key: [key[0], key[1]], first };
}

/** The attribute of kernels that drop some of their results; absent where none is. */
export const DROPOUT: AttributeRule<Dropout | undefined> = {
  what: "a part of a mask",
  accepts: (value): value is Dropout | undefined =>
    value === undefined ||
    typeof value === "object" && value !== null &&
      "rate" in value && NUMBER.accepts(value.rate) &&
      "key" in value && PAIR.accepts(value.key) &&
      "first" in value && COUNT.accepts(value.first),
};

/** What a kernel's function that draws a mask takes, in its order. */
export type MaskArguments = [
  threshold: number,
  scale: number,
  key0: number,
  key1: number,
  first: number,
];

/** `dropout` as a kernel's function takes it. */
export function maskArguments({ rate, key, first }: Dropout): MaskArguments {
  checkDropoutRate(rate);
  return [dropoutThreshold(rate), 1 / (1 - rate), key[0], key[1], first];
}

/** `dropout` as a kernel's function takes it, if it drops anything. */
export function optionalMaskArguments(
  dropout: Dropout | undefined,
): MaskArguments | undefined {
  return dropout && dropout.rate !== 0 ? maskArguments(dropout) : undefined;
}

/** Kernel of {@linkcode dropOut}: y. */
export const dropOutKernel = defineKernel({
  name: "RetortDropOut",
  inputs: { x: "float32" },
  attributes: { rate: NUMBER, key: PAIR, first: COUNT },
});

/** The mask of `dropout` for a tensor of `shape`. */
export function dropoutMask(
  shape: number[],
  { rate, key, first }: DropoutRange,
): tf.Tensor {
  const mask = new Float32Array(tf.util.sizeFromShape(shape));
  return tf.tensor(fillDropoutMask(mask, rate, key, first), shape);
}

function applyMask(x: tf.Tensor, dropout: DropoutRange): tf.Tensor {
  const [y] = runKernel(
    dropOutKernel,
    { x },
    dropoutAttributes(dropout),
    () => [tf.mul(x, dropoutMask(x.shape, dropout))],
  );
  return y;
}

/**
 * y = x ⊙ m, with the inverted-dropout mask m that {@linkcode fillDropoutMask}
 * describes: equal on every backend. ∂L/∂x = ∂L/∂y ⊙ m.
 *
 * Throws a `RangeError` unless 0 ≤ rate < 1 − 2⁻¹⁷.
 *
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 */
export function dropOut(x: tf.Tensor, dropout: DropoutRange): tf.Tensor {
  return withGradient(
    [x],
    () => ({ value: applyMask(x, dropout), saved: [] }),
    (dy) => [applyMask(dy, dropout)],
  );
}

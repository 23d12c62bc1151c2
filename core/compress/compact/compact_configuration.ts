import type { AugmentationSpec } from "../../data/augmentation.ts";
import { DIGIT_AUGMENTATION } from "../../data/augmentation.ts";
import type { LossSpec } from "../../train/losses/losses.ts";

/** In how many bits weights are held: 1 to 8 as levels, 16 or 32 as floats. */
export interface WeightBits {
  /** Of a kernel's weights. */
  kernel: number;
  /** Of a bias's. */
  bias: number;
}

/** What a model of integers is held to, beside its weights' bits. */
export interface IntegerConfiguration {
  /** Bits of what each rounding keeps, 1 to 8. */
  activationBits: number;
}

/** How a compact model is trained, as plain data. */
export interface CompactConfiguration {
  /** Bits of each layer's weights from the second phase on. */
  bits: WeightBits;
  /** Bits of single layers, by name, where they differ. */
  layerBits: Record<string, Partial<WeightBits>>;
  /**
   * Whether each output channel of a kernel has a step size of its own; in a model of
   * integers, a shift.
   */
  perChannel: boolean;
  /** Whether step sizes are powers of two. */
  powerOfTwo: boolean;
  /** Makes a model of integers, in the second phase; one of floats is unless this is given. */
  integers?: IntegerConfiguration;
  /** Weight in the loss of the coded size, by `ratePenalty`; in the second phase. */
  ratePenalty: number;
  /** How strongly weights are drawn to their levels at the end, λ; in the second phase. */
  damping: number;
  /** Whether first weights are scaled by what they make of images (`balanceWeights`); not unless told. */
  balanced?: boolean;
  /** What it learns by. */
  loss: LossSpec;
  /** Epochs of each phase; the second is with weights held to their bits. */
  epochs: { float: number; quantised: number };
  /** Learning rate of Adam at the highest in each phase; a cosine takes it to 0. */
  rates: { float: number; quantised: number };
  /**
   * Validation accuracy that is enough: of the epochs of the second phase that have it, the one
   * with the smallest file is kept. Unless given, or where none has it, the most accurate.
   */
  atLeast?: number;
  /** Images an epoch. */
  examplesPerEpoch: number;
  /** Images a step. */
  batchSize: number;
  /** Decay of the moving average of the float weights, a step. */
  averaging: number;
  /** Decides first weights and the order of images. */
  seed: number;
}

/** A configuration that suits MNIST. */
export const COMPACT_CONFIGURATION: CompactConfiguration = {
  bits: { kernel: 3, bias: 4 },
  layerBits: {},
  perChannel: false,
  powerOfTwo: false,
  ratePenalty: 0.05,
  damping: 0.3,
  loss: { kind: "distillation", temperature: 3, alpha: 0.9 },
  epochs: { float: 60, quantised: 60 },
  rates: { float: 6e-3, quantised: 4e-3 },
  examplesPerEpoch: 55_000,
  batchSize: 256,
  averaging: 0.998,
  seed: 1,
};

/** What compact models learn from unless told otherwise: eight of each image. */
export const COMPACT_POOL: {
  augmentation: AugmentationSpec;
  copies: number;
  seed: number;
} = { augmentation: DIGIT_AUGMENTATION, copies: 8, seed: 1 };

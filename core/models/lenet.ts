import type { ImageShape } from "../data/dataset.ts";
import { parseLayers } from "./parse_layers.ts";
import type { ModelSpec } from "./spec.ts";

/** What a LeNet may be given. */
export interface LenetOptions {
  /** Dropout rate on hidden units; 0 unless given. */
  dropout?: number;
  /** Extent of one input image; 28×28×1 unless given. */
  input?: ImageShape;
  /** Number of classes; 10 unless given. */
  classes?: number;
}

/**
 * LeNet-300-100: dense layers of 300 and 100 units with relu, dense 10, softmax;
 * `[n, 28, 28, 1]` → `[n, 10]`, 266,610 parameters. Throws what `parseLayers`
 * throws.
 *
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, with relu for its activations.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "./cost.ts";
 * import { lenet300100Spec } from "./lenet.ts";
 *
 * assertEquals(countParameters(lenet300100Spec()), 266_610);
 * ```
 */
export function lenet300100Spec(
  { dropout = 0, ...data }: LenetOptions = {},
): ModelSpec {
  const drop = dropout === 0 ? "" : `,drop${dropout}`;
  const text = `dense300${drop},dense100${drop}`;
  return parseLayers(text, { name: "lenet-300-100", ...data });
}

/**
 * LeNet-5 as Caffe has it and Deep Compression compresses it: 5×5 convolutions of
 * 20 and 50 filters, 2×2 max-pooling after each, dense 500 with relu, dense 10,
 * softmax; `[n, 28, 28, 1]` → `[n, 10]`, 431,080 parameters. Its convolutions
 * have relu, which Caffe's have not. Throws what `parseLayers` throws.
 *
 * Source: Caffe, examples/mnist/lenet.prototxt.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "./cost.ts";
 * import { lenet5Spec } from "./lenet.ts";
 *
 * assertEquals(countParameters(lenet5Spec()), 431_080);
 * ```
 */
export function lenet5Spec(
  { dropout = 0, ...data }: LenetOptions = {},
): ModelSpec {
  const drop = dropout === 0 ? "" : `,drop${dropout}`;
  const text = `conv5x20,max2,conv5x50,max2,dense500${drop}`;
  return parseLayers(text, { name: "lenet-5", ...data });
}

import type { ModelSpec } from "../models/spec.ts";

/** Plain numbers. */
export interface FloatTensor {
  /** Plain numbers. */
  kind: "float";
  /** Extent of each dimension. */
  shape: number[];
  /** Bits of one number in the file: a float16 or a float32. */
  bits: 16 | 32;
  /** The weights, row-major. */
  values: Float32Array<ArrayBuffer>;
}

/** Integer levels times a scale: w = level · scale. */
export interface UniformTensor {
  /** Levels. */
  kind: "uniform";
  /** Extent of each dimension. */
  shape: number[];
  /** 1 to 8: levels lie in [−2^(bits−1), 2^(bits−1) − 1], and are ±1 where bits = 1. */
  bits: number;
  /** `[1]`, or one a channel, `[channelCount(shape)]`; float16s above 0. */
  scale: Float32Array<ArrayBuffer>;
  /** One a weight, row-major. */
  levels: Int8Array<ArrayBuffer>;
}

/** Weights that share a few values: w = codebook[index]. */
export interface CodebookTensor {
  /** Indices. */
  kind: "codebook";
  /** Extent of each dimension. */
  shape: number[];
  /** 1 to 256 float16s; the tensor is sparse where one of them is 0. */
  codebook: Float32Array<ArrayBuffer>;
  /** One a weight, row-major. */
  indices: Uint8Array<ArrayBuffer>;
}

/** One weight tensor in the form in which a file holds it. */
export type EncodedTensor = FloatTensor | UniformTensor | CodebookTensor;

/** What a `.dram` file holds: everything that inference needs, exactly. */
export interface EncodedModel {
  /** Without dropout layers, which do nothing at inference. */
  spec: ModelSpec;
  /** What the classes are called, one each. */
  labels: string[];
  /** In the order, and of the shapes, of `weightShapes(spec)`. */
  tensors: EncodedTensor[];
}

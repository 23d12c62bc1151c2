/** What keeps a weight in a form that compresses, as plain data. */
export type Constraint =
  /** Nothing: float32. */
  | { kind: "free" }
  /** A float16. */
  | { kind: "half" }
  | MaskConstraint
  | UniformConstraint
  | CodebookConstraint;

/** ŵ = w ⊙ m, with m of 0 and 1, row-major. */
export interface MaskConstraint {
  /** What tells it from other constraints. */
  kind: "mask";
  /** 0 or 1 a weight. */
  mask: Uint8Array<ArrayBuffer>;
}

/**
 * ŵ = s · clip(⌊w/s + ½⌋, −2^(bits−1), 2^(bits−1) − 1), or ±s where bits = 1, with
 * a trained step size s.
 */
export interface UniformConstraint {
  /** What tells it from other constraints. */
  kind: "uniform";
  /** 1 to 8. */
  bits: number;
  /** A step for each output channel (`channelCount`), else one for the tensor. */
  perChannel: boolean;
  /** Whether steps are powers of two; they are float16s otherwise. */
  powerOfTwo: boolean;
  /** 0 where ŵ is 0; not with 1 bit, which has no 0. */
  mask?: Uint8Array<ArrayBuffer>;
}

/** ŵ = codebook[index], with trained float16s in the codebook. */
export interface CodebookConstraint {
  /** What tells it from other constraints. */
  kind: "codebook";
  /** Entries of the codebook, 1 to 256. */
  size: number;
  /** One a weight, row-major. */
  indices: Uint8Array<ArrayBuffer>;
  /** Whether entry 0 stands for pruned weights, and stays 0; false unless given. */
  pruned?: boolean;
}

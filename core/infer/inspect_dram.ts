import type { DramOptions } from "./decode_dram.ts";
import { decodeTensor } from "./decode_tensor.ts";
import { checkDramBytes } from "./dram_budget.ts";
import { type DramVersion, unframeStream } from "./dram_frame.ts";
import type { EncodedModel, EncodedTensor } from "./encoded_tensor.ts";
import { type CodedModel, codeModel } from "./stream/code_model.ts";
import { GRAMMARS } from "./stream/code_wide_layers.ts";
import { MeteredDecoder } from "./stream/metered_decoder.ts";

/**
 * The order-0 entropy of `values` in bits a value: −Σ p log2 p over the shares p
 * of the values that occur, 0 of none. No code that gives each value a word of its own
 * takes fewer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entropy } from "./inspect_dram.ts";
 *
 * assertEquals(entropy([0, 0, 1, 2]), 1.5);
 * ```
 */
export function entropy(values: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) {
    bits -= count / values.length * Math.log2(count / values.length);
  }
  return bits;
}

/** Where the bits of one tensor go. */
export interface TensorInspection {
  /** Extents of the tensor. */
  shape: number[];
  /** Plain numbers, levels or a codebook. */
  kind: EncodedTensor["kind"];
  /** Of a level or a plain number; of a codebook, of an index of fixed width. */
  bits: number;
  /** How the weights are coded. */
  coding:
    | "plain"
    | "adaptive"
    | "ascending"
    | "gaps"
    | "fixed"
    | "huffman"
    | "huffmanGaps";
  /** The scales, or the codebook. */
  scales: number[];
  /** How many there are. */
  weights: number;
  /** Weights that are 0. */
  zeros: number;
  /** Order-0 entropy of the weights, in bits a weight. */
  entropy: number;
  /** Cost of the tensor's header. */
  headerBits: number;
  /** Cost of its scales or codebook. */
  scaleBits: number;
  /** Cost of its weights. */
  weightBits: number;
  /** `weightBits` by weight. */
  bitsPerWeight: number;
}

/** Where the bytes of a file go; parts of the stream in fractions of bits, Σ −log2 p. */
export interface DramInspection {
  /** Version of the format. */
  version: DramVersion;
  /** Length of the file. */
  bytes: number;
  /** Bytes around the stream: magic, version, length, checksum. */
  frameBytes: number;
  /** How pixels become inputs. */
  preprocessing: "pixels / 255" | "pixels";
  /** The architecture. */
  spec: EncodedModel["spec"];
  /** What the classes are called. */
  labels: string[];
  /** How many weights there are. */
  parameters: number;
  /** Bits of the stream, by part. */
  bits: {
    /** How pixels become inputs. */
    preprocessing: number;
    /** Input and layers. */
    architecture: number;
    /** Names of classes. */
    labels: number;
    /** All tensors' headers. */
    headers: number;
    /** All scales and codebooks. */
    scales: number;
    /** All weights. */
    weights: number;
    /** What rounding to whole bytes adds, or saves where the stream happens to end in zeros. */
    rest: number;
  };
  /** Bits of the whole file by weight. */
  bitsPerWeight: number;
  /** In the order of the file. */
  tensors: TensorInspection[];
}

function bitsOf(tensor: EncodedTensor): number {
  return tensor.kind === "codebook"
    ? Math.ceil(Math.log2(tensor.codebook.length))
    : tensor.bits;
}

function scalesOf(tensor: EncodedTensor): number[] {
  if (tensor.kind === "float") return [];
  return [...tensor.kind === "uniform" ? tensor.scale : tensor.codebook];
}

/**
 * Reads a `.dram` file and says where its bytes go. Throws what `decodeDram`
 * throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { inspectDram } from "./inspect_dram.ts";
 *
 * const { parameters, frameBytes } = inspectDram(smallDram());
 * assertEquals([parameters, frameBytes], [160, 7]);
 * ```
 */
export function inspectDram(
  bytes: Uint8Array,
  { budget }: DramOptions = {},
): DramInspection {
  checkDramBytes(bytes.length, budget);
  const { version, stream } = unframeStream(bytes);
  const decoder = new MeteredDecoder(stream);
  const costs = new Map<string, number>();
  let before = 0;
  const model: CodedModel = codeModel(decoder, {
    grammar: GRAMMARS[version],
    bytes: bytes.length,
    budget,
    mark(place) {
      const index = "tensor" in place ? place.tensor : "";
      costs.set(`${place.part}${index}`, decoder.bits - before);
      before = decoder.bits;
    },
  });
  decoder.checkUsedUp();
  const cost = (part: string) => costs.get(part) ?? 0;
  const tensors = model.tensors.map(({ tensor, coding }, index) => {
    const { values } = decodeTensor(tensor);
    const weightBits = cost(`weights${index}`);
    return {
      shape: tensor.shape,
      kind: tensor.kind,
      bits: bitsOf(tensor),
      coding,
      scales: scalesOf(tensor),
      weights: values.length,
      zeros: values.filter((value) => value === 0).length,
      entropy: entropy(values),
      headerBits: cost(`header${index}`),
      scaleBits: cost(`scales${index}`),
      weightBits,
      bitsPerWeight: weightBits / values.length,
    };
  });
  const total = (of: (tensor: TensorInspection) => number) =>
    tensors.reduce((sum, tensor) => sum + of(tensor), 0);
  const parameters = total(({ weights }) => weights);
  return {
    version,
    bytes: bytes.length,
    frameBytes: bytes.length - stream.length,
    preprocessing: version === 4 ? "pixels" : "pixels / 255",
    spec: model.spec,
    labels: model.labels,
    parameters,
    bits: {
      preprocessing: cost("preprocessing"),
      architecture: cost("architecture"),
      labels: cost("labels"),
      headers: total(({ headerBits }) => headerBits),
      scales: total(({ scaleBits }) => scaleBits),
      weights: total(({ weightBits }) => weightBits),
      rest: stream.length * 8 - decoder.bits,
    },
    bitsPerWeight: bytes.length * 8 / parameters,
    tensors,
  };
}

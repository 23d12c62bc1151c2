import { hashValues } from "../data/dataset.ts";
import { decodeDram } from "../infer/decode_dram.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { boundIntegers, INTEGER_LIMIT, isInteger } from "../models/integer.ts";
import type { LayerSpec } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { runPool } from "../workers/run_pool.ts";
import type {
  CertificateAnswer,
  CertificateTask,
  CertifiedBackend,
} from "./certificate_task.ts";
import {
  type Agreement,
  type CloseImage,
  compareAnswers,
  findCloseImages,
} from "./compare_answers.ts";

/** What `layer` is where it doesn't say. */
function usualFields(layer: LayerSpec): Record<string, unknown> {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      return { stride: 1, padding: "valid", dilation: 1, multiplier: 1 };
    case "maxPool2d":
    case "averagePool2d":
      return { stride: layer.size, padding: "valid" };
    default:
      return {};
  }
}

/** What a model computes, layer by layer, whatever its parts are called. */
function describeLayers({ spec }: EncodedModel): string {
  const describe = (layers: readonly LayerSpec[]): unknown[] =>
    layers.map((layer) => {
      const { name: _, ...rest } = layer;
      const whole = layer.kind === "residual"
        ? { ...rest, layers: describe(layer.layers) }
        : rest;
      const rounds = "activation" in layer && layer.activation === "round";
      return Object.entries({
        ...usualFields(layer),
        ...rounds && { bits: 8 },
        ...whole,
      }).toSorted();
    });
  return JSON.stringify([spec.input, describe(spec.layers)]);
}

function mismatch(what: string): never {
  throw new Error(
    `Cannot certify: the file must hold the model that it was made of: ${what}`,
  );
}

/**
 * `read`, if it computes what `made` does: the same layers, labels and weights, to
 * the last bit; names may differ. Throws an `Error` otherwise.
 */
export function assertSameModel(
  read: EncodedModel,
  made: EncodedModel,
): EncodedModel {
  if (describeLayers(read) !== describeLayers(made)) {
    mismatch("its layers differ");
  }
  if (JSON.stringify(read.labels) !== JSON.stringify(made.labels)) {
    mismatch(`its labels are ${read.labels.join(", ")}`);
  }
  if (read.tensors.length !== made.tensors.length) {
    mismatch(`it has ${read.tensors.length} tensors`);
  }
  for (const [index, tensor] of read.tensors.entries()) {
    const { values } = decodeTensor(tensor);
    const expected = decodeTensor(made.tensors[index]).values;
    const wrong = values.findIndex((value, i) => value !== expected[i]);
    if (values.length !== expected.length || wrong >= 0) {
      mismatch(
        `weight ${wrong} of tensor ${index} is ${values[wrong]}, not ${
          expected[wrong]
        }`,
      );
    }
  }
  return read;
}

/** tfjs's backends, on which a file's answers are compared with the direct path's. */
export const CERTIFIED_BACKENDS = ["cpu", "wasm", "webgpu"] as const;

/** How one backend agrees, or why it could not be asked. */
export type CertifiedAgreement =
  & { backend: CertifiedBackend }
  & (Agreement & { adapter: string | null } | { absent: string });

/** Proof that a file holds the model that it was made of, and answers alike everywhere. */
export interface Certificate {
  /** Its length, and its hash in hexadecimal. */
  file: { bytes: number; sha256: string };
  /** The images that were classified. */
  images: { count: number; sha256: string };
  /** Weights, each of which the file gives back to the last bit. */
  weights: number;
  /** What logits may differ by: a bound on float32 rounding, image by image. */
  tolerance: {
    /** Of the image with the least. */
    least: number;
    /** Of the image with the most. */
    most: number;
  };
  /**
   * Images that get the same class on the backends below, but could get another
   * where sums are rounded otherwise: their margin is at most twice their tolerance.
   */
  close: { count: number; closest: CloseImage[] };
  /**
   * Of a model of integers the proof that no image is close: no sum, whatever the image and
   * the order, is as large as the limit, to which float32 and int32 have every integer.
   */
  exact?: {
    claim: string;
    /** The largest max|x| · Σ|w| + |b| of an output, with what its rounding adds. */
    largestSum: number;
    /** 2^24. */
    limit: number;
  };
  /** Compared with the direct path. */
  backends: CertifiedAgreement[];
  /** What computed; tfjs's is null where none of its backends did. */
  versions: { retort: string; deno: string; tfjs: string | null };
}

/** What is certified of a model of integers, from its weights alone. */
export const EXACT_CLAIM =
  "exact on every backend that adds in float32 or int32";

/** Close images that a certificate lists. */
const MOST_LISTED = 10;

/** What to certify, and by what. */
export interface CertifyOptions {
  /** The file's content. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The model in memory that the file was made of. */
  encoded: EncodedModel;
  /** Pixels `[n, height, width, channels]`. */
  images: Uint8Array;
  /** Backends to ask; all of tfjs's unless given. */
  backends?: readonly (typeof CERTIFIED_BACKENDS)[number][];
  /** Asks the C export, if it is to be asked: for logits `[n, classes]`, or why there are none. */
  askC?: (
    model: EncodedModel,
    images: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ) => Promise<{ logits: Float32Array<ArrayBuffer> } | { absent: string }>;
  /** Stops it between two parts of the work. */
  signal?: AbortSignal;
}

type Answered = Exclude<CertificateAnswer, { absent: string }>;

/** Asks one backend: the CPU's in parts side by side, as it takes long. */
async function ask(
  { images, ...task }: Omit<CertificateTask, "images"> & { images: Uint8Array },
  size: number,
  signal?: AbortSignal,
): Promise<CertificateAnswer> {
  const url = new URL("./certificate_worker.ts", import.meta.url);
  const { backend } = task;
  const cores = navigator.hardwareConcurrency;
  const parts = backend === "webgpu" || backend === "wasm" ? 1 : cores;
  const count = Math.ceil(images.length / size / parts);
  const ranges = Array.from({ length: parts }, (_, part) => part)
    .map((part) => images.slice(part * count * size, (part + 1) * count * size))
    .filter(({ length }) => length > 0);
  const answers = await runPool(
    ranges,
    cores,
    (part) =>
      runInWorker<CertificateTask, never, CertificateAnswer>(url, {
        ...task,
        images: part,
      }, { signal }),
  );
  const answered: Answered[] = [];
  for (const answer of answers) {
    if ("absent" in answer) return answer;
    answered.push(answer);
  }
  const { adapter, tfjs } = answered[0];
  return {
    logits: Float32Array.from(answered.flatMap(({ logits }) => [...logits])),
    bounds: Float64Array.from(
      answered.flatMap(({ bounds = [] }) => [...bounds]),
    ),
    adapter,
    tfjs,
  };
}

/**
 * Proves that the file `bytes` holds the model `encoded`, and that it answers alike
 * wherever it runs: reads it back, compares layers, labels and every weight, then
 * classifies `images` on the direct path and on each of `backends`: as `loadOnTfjs`
 * does on Wasm and WebGPU, by tfjs's own layers and kernels on the CPU.
 *
 * Every image must get the same class everywhere, and every logit must be within
 * {@linkcode roundingBounds} of the direct path's. Where two logits are closer than
 * rounding can decide, the answers must still agree here; how many such images
 * there are is told, as another device could answer otherwise. All other images
 * get the same class from any float32 arithmetic. A backend that isn't there
 * (WebGPU without an adapter) is told as absent.
 *
 * Of a model of integers the bound of every sum is checked, from the weights alone: it is
 * then exact on every backend that adds in float32 or int32, no image is close, and a logit
 * that differs by a bit is a mismatch. By `askC` its C export is asked too.
 *
 * Throws an `Error` at the first mismatch, and what `load` throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram, smallModel } from "../../tests/core/infer/small_model.ts";
 * import { certify } from "./certificate.ts";
 *
 * const certificate = await certify({
 *   bytes: smallDram(),
 *   encoded: smallModel(),
 *   images: new Uint8Array(3 * 784),
 *   backends: ["wasm"],
 * });
 * assertEquals(certificate.images.count, 3);
 * ```
 */
export async function certify(
  { bytes, encoded, images, backends = CERTIFIED_BACKENDS, askC, signal }:
    CertifyOptions,
): Promise<Certificate> {
  const read = assertSameModel(decodeDram(bytes), encoded);
  const { spec, tensors } = read;
  const integer = isInteger(spec.layers);
  const bounds = integer ? boundIntegers(spec, tensors.map(decodeTensor)) : [];
  const size = spec.input.reduce((a, b) => a * b);
  if (images.length === 0 || images.length % size !== 0) {
    throw new RangeError(
      `Cannot certify: images must be some of ${
        spec.input.join("×")
      }: there are ${images.length} pixels`,
    );
  }
  const count = images.length / size;
  const askOf = (backend: CertifiedBackend) =>
    ask({ bytes, backend, images }, size, signal);
  const direct = await askOf("direct");
  if ("absent" in direct || !direct.bounds) {
    throw new Error("Cannot certify: the direct path must answer");
  }
  const { logits } = direct;
  const reference = {
    logits,
    bounds: direct.bounds,
    width: logits.length / count,
  };
  let tfjs: string | null = null;
  const agreements: CertifiedAgreement[] = [];
  for (const backend of backends) {
    const answer = await askOf(backend);
    if ("absent" in answer) {
      agreements.push({ backend, absent: answer.absent });
      continue;
    }
    tfjs = answer.tfjs;
    const agreement = compareAnswers(reference, answer.logits, backend);
    agreements.push({ backend, adapter: answer.adapter, ...agreement });
  }
  const byC = await askC?.(read, images.slice(), signal);
  if (byC && "absent" in byC) {
    agreements.push({ backend: "c", absent: byC.absent });
  } else if (byC) {
    const agreement = compareAnswers(reference, byC.logits, "the C export");
    agreements.push({ backend: "c", adapter: null, ...agreement });
  }
  // Equal integers are equal everywhere: the first of them is the class.
  const close = integer ? [] : findCloseImages(reference);
  return {
    file: { bytes: bytes.length, sha256: hashValues(bytes) },
    images: { count, sha256: hashValues(images) },
    weights: tensors.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b),
      0,
    ),
    tolerance: {
      least: direct.bounds.reduce((a, b) => Math.min(a, b)),
      most: direct.bounds.reduce((a, b) => Math.max(a, b)),
    },
    close: { count: close.length, closest: close.slice(0, MOST_LISTED) },
    ...integer && {
      exact: {
        claim: EXACT_CLAIM,
        largestSum: bounds.reduce((a, { most }) => Math.max(a, most), 0),
        limit: INTEGER_LIMIT,
      },
    },
    backends: agreements,
    versions: { retort: VERSION, deno: Deno.version.deno, tfjs },
  };
}

import { classCount } from "../models/cost.ts";
import type { LoadedModel } from "../models/formats/loaded_model.ts";
import type { TfjsOriginal } from "../models/formats/model_json.ts";
import {
  type OutputKind,
  outputKindOf,
} from "../models/formats/output_kind.ts";
import { ONNX_RUNTIME } from "../runtimes/start_runtime.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import type { OriginalAnswer, OriginalTask } from "./answer_original.ts";
import { askPackage } from "./ask_package.ts";

/** That a model, as it was read, answers as its file does in its own runtime. */
export interface OriginalProof {
  /** Which runtime, and its version. */
  runtime: string;
  /** Images, all of which got the same class. */
  images: number;
  /** What the file's own answers are. */
  compared: OutputKind;
  /** The largest |difference| of any of these. */
  largestDifference: number;
  /** Seconds until the runtime had started and answered for all. */
  seconds: number;
}

/** How far rounding may take two answers apart, as a share of the largest. */
const TOLERANCE = 1e-3;
/** Sigmoids that are nearer to each other are one: near 1 all are. */
const SIGMOID_ROUNDING = 1e-6;

/** `logits` `[n, width]` as numbers of another kind. */
function convertLogits(
  logits: Float32Array,
  width: number,
  kind: OutputKind,
): Float32Array<ArrayBuffer> {
  const converted = Float32Array.from(logits);
  if (kind === "sigmoids") {
    return converted.map((z) => 1 / (1 + Math.exp(-z)));
  }
  if (kind === "logits") return converted;
  for (let row = 0; row < logits.length; row += width) {
    const values = logits.subarray(row, row + width);
    const largest = Math.max(...values);
    let sum = 0;
    for (const value of values) sum += Math.exp(value - largest);
    const shift = largest + Math.log(sum);
    values.forEach((value, i) =>
      converted[row + i] = kind === "probabilities"
        ? Math.exp(value - shift)
        : value - shift
    );
  }
  return converted;
}

/** The probabilities of two classes, of those of the second. */
function pairShares(shares: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: 2 * shares.length },
    (_, i) => i % 2 === 1 ? shares[i >> 1] : 1 - shares[i >> 1],
  );
}

function largestPlace(values: Float32Array): number {
  return values.reduce((best, value, i) => value > values[best] ? i : best, 0);
}

/**
 * Compares what a model's own runtime answers, `[n, width]`, with `logits`, ours: as
 * logits, or as the probabilities or their logarithms that the file ends in; `ends` says
 * that it ends in a sigmoid each, or in one for two classes, of which it answers `[n, 1]`.
 *
 * Throws an `Error` that calls the runtime `asked` at the first image that gets another
 * class, or where the largest difference is no rounding: above a thousandth of the
 * largest answer, or of 1.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { compareOriginal } from "./prove_original.ts";
 *
 * const ours = Float32Array.of(0, Math.log(3));
 * const theirs = Float32Array.of(0.25, 0.75);
 * assertEquals(compareOriginal(ours, theirs, { width: 2, asked: "it" }).compared, "probabilities");
 * assertThrows(() => compareOriginal(ours, theirs.reverse(), { width: 2, asked: "it" }), Error, "class");
 * ```
 */
export function compareOriginal(
  logits: Float32Array,
  answers: Float32Array,
  { width, asked, ends }: {
    width: number;
    asked: string;
    ends?: LoadedModel["ends"];
  },
): Pick<OriginalProof, "images" | "compared" | "largestDifference"> {
  const refuse = (why: string): never => {
    throw new Error(
      `Cannot import the model: it must answer as in ${asked}: ${why}; please report it, with the file`,
    );
  };
  const isOne = ends === "one sigmoid";
  const given = isOne ? pairShares(answers) : answers;
  if (given.length !== logits.length) {
    refuse(`there are ${given.length} answers for ${logits.length} of ours`);
  }
  const fault = given.findIndex((value) => !Number.isFinite(value));
  if (fault >= 0) {
    refuse(`image ${Math.floor(fault / width)} gets ${given[fault]}`);
  }
  // Of two classes, 0 and z, the softmax is 1 less the sigmoid of z, and that.
  const compared = isOne ? "probabilities" : ends ?? outputKindOf(given, width);
  const own = convertLogits(logits, width, compared);
  const rounding = ends ? SIGMOID_ROUNDING : 0;
  let [largestDifference, most] = [0, 1];
  for (let i = 0; i < own.length; i++) {
    largestDifference = Math.max(
      largestDifference,
      Math.abs(own[i] - given[i]),
    );
    most = Math.max(most, Math.abs(given[i]));
  }
  const images = own.length / width;
  for (let image = 0; image < images; image++) {
    const [first, last] = [image * width, (image + 1) * width];
    const ours = largestPlace(own.subarray(first, last));
    const theirs = largestPlace(given.subarray(first, last));
    if (given[first + ours] < given[first + theirs] - rounding) {
      refuse(`image ${image} gets class ${theirs} there, and ${ours} here`);
    }
  }
  if (largestDifference > TOLERANCE * most) {
    refuse(
      `the largest difference of ${compared} is ${
        largestDifference.toPrecision(2)
      }`,
    );
  }
  return { images, compared, largestDifference };
}

/** What a model was read of: an ONNX file, or the files of a tfjs model. */
export type Original = Uint8Array<ArrayBuffer> | TfjsOriginal;

/** Images whose last channel comes first. */
function turnImages(
  images: Uint8Array<ArrayBuffer>,
  channels: number,
): Uint8Array<ArrayBuffer> {
  return images.map((_, at) => {
    const channel = at % channels;
    return images[at - channel + channels - 1 - channel];
  });
}

/** What an ONNX file answers in ONNX Runtime. */
async function askOnnx(
  content: Uint8Array<ArrayBuffer>,
  { input, classes, reads, images }: Omit<OriginalTask, keyof TfjsOriginal>,
  { signal }: { signal?: AbortSignal },
): Promise<OriginalAnswer> {
  const answer = await askPackage(ONNX_RUNTIME, {
    files: [{ name: "", content }],
    input: [...input],
    classes,
    images,
    pixels: reads,
    signal,
  });
  if ("absent" in answer) return answer;
  return { answers: answer.logits, runtime: answer.runtime };
}

/**
 * Proves that `model` answers as the file does that it was read of, `original`, on
 * `images` `[n, height, width, channels]`, of which `logits` `[n, classes]` are ours: an
 * ONNX file in ONNX Runtime, a tfjs LayersModel or GraphModel in stock tfjs.
 * Gives why not where the runtime isn't at hand, or doesn't read what we do. Throws what
 * {@linkcode compareOriginal} throws, and an `Error` where ONNX Runtime refuses the file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeOnnx } from "./onnx.ts";
 * import { proveOriginal } from "./prove_original.ts";
 * import { initialWeights } from "../models/initialise.ts";
 * import { parseLayers } from "../models/parse_layers.ts";
 *
 * const spec = parseLayers("flatten", { input: [2, 2, 1], classes: 2 });
 * const weights = initialWeights(spec, 1).map((weight) => ({ ...weight, values: weight.values.fill(0) }));
 * const proof = await proveOriginal(
 *   { kind: "row", spec, weights, sha256: "", bytes: 0 },
 *   writeOnnx(spec, weights),
 *   { images: new Uint8Array(4), logits: new Float32Array(2) },
 * );
 * assertEquals("absent" in proof || proof.largestDifference, "absent" in proof || 0);
 * ```
 */
export async function proveOriginal(
  { spec, reads, bgr, ends }: LoadedModel,
  original: Original,
  { images, logits }: {
    images: Uint8Array<ArrayBuffer>;
    logits: Float32Array;
  },
  { signal }: { signal?: AbortSignal } = {},
): Promise<OriginalProof | { absent: string }> {
  const width = classCount(spec);
  const [height, columns, channels] = spec.input;
  const began = performance.now();
  const asked = {
    images: bgr ? turnImages(images, channels) : images,
    input: [height, columns, channels] as const,
    classes: ends === "one sigmoid" ? 1 : width,
    reads,
  };
  const answer = original instanceof Uint8Array
    ? await askOnnx(original, asked, { signal })
    : await runInWorker<OriginalTask, never, OriginalAnswer>(
      new URL("./answer_original_worker.ts", import.meta.url),
      { ...original, ...asked },
      { signal },
    );
  if ("absent" in answer) return answer;
  const { runtime } = answer;
  return {
    runtime,
    ...compareOriginal(logits, answer.answers, { width, asked: runtime, ends }),
    seconds: (performance.now() - began) / 1000,
  };
}

import type { ImageShape } from "../../data/dataset.ts";
import { randomStream } from "../../random/stream.ts";
import type { RuntimeFile } from "../../runtimes/serve_runtime.ts";
import {
  ONNX_RUNTIME,
  type RuntimePackage,
  startRuntime,
  TFJS,
} from "../../runtimes/start_runtime.ts";
import { cleanText } from "../../text/clean_text.ts";
import { hashModel } from "./loaded_model.ts";
import {
  areShares,
  type Ending,
  type OutputKind,
  outputKindOf,
} from "./output_kind.ts";
import type { PixelScale } from "./pixel_scale.ts";

/** What a black box may be a file of. */
export type BoxFormat = "onnx" | "tfjs-graph-model";

/** What runs each. */
const RUNTIMES: { readonly [Format in BoxFormat]: RuntimePackage } = {
  onnx: ONNX_RUNTIME,
  "tfjs-graph-model": TFJS,
};

/**
 * A model that is no row of our layers, as a file says it: its own runtime gives logits
 * of images, and that is all that is known of it. Plain data, which a worker may be sent.
 */
export interface DescribedBox {
  /** What tells it from a row of layers. */
  kind: "box";
  /** What it calls itself, or its file is called. */
  name: string;
  /** What errors call its file. */
  source: string;
  /** What it is a file of. */
  format: BoxFormat;
  /** Extents of an image: height, width, channels. */
  input: ImageShape;
  /** Classes, of which it gives a number each; or one of two, as `ends` says. */
  classes: number;
  /** Numbers that its file holds. */
  parameters: number;
  /** Bytes of its files. */
  bytes: number;
  /** How many there are of each of its operators. */
  operators: Record<string, number>;
  /** Why it is no row of layers. */
  reason: string;
  /** SHA-256 of its files together, and of how it is read, in hexadecimal. */
  sha256: string;
  /** What pixels it was made to read, told with it or seen in it, where not divided by 255. */
  pixels?: PixelScale;
  /** Whether it was told with it that it reads blue first. */
  bgr?: true;
  /** Its files, the first of which names the others. */
  files: RuntimeFile[];
  /** What its runtime is asked for, by its name. */
  asked: string;
  /** What it ends in, as far as its file says it. */
  ends?: Ending;
  /** Whether what is asked for is what that reads. */
  isCut: boolean;
}

/** A black box, and what it answers. */
export interface BlackBox extends DescribedBox {
  /**
   * What its answers are. Logarithms of probabilities, or of the odds of each by itself,
   * are as good as logits, but for probabilities that are 0, which have none: of these the
   * smallest that counts.
   */
  output: "logits" | "log-probabilities" | "log-odds";
  /** Whether it gives probabilities itself, of which logarithms are taken. */
  takesLogarithms: boolean;
}

/** A black box that its runtime has read. */
export interface OpenBox {
  /** Which runtime, and its version. */
  runtime: string;
  /** Images that it is best asked about at once. */
  atOnce: number;
  /**
   * Logits `[n, classes]` of images `[n, h, w, c]`, all of them finite. Who asks for the
   * next before these are there keeps the runtime busy.
   */
  answer(images: Uint8Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** Ends the runtime's process. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How {@linkcode openBox} and {@linkcode probeBox} proceed. */
export interface BoxOptions {
  /** Ends the runtime's process when aborted. */
  signal?: AbortSignal;
  /** Milliseconds that the runtime may take to read the model, or for one answer. */
  patience?: number;
}

/** What tells the hash of a black box from that of a row. */
const MARK = new TextEncoder().encode("black box");

/** SHA-256 of a black box's files together, in hexadecimal; read by other `pixels` it is another. */
export async function hashBox(
  files: readonly RuntimeFile[],
  pixels?: PixelScale,
): Promise<string> {
  return await hashModel(
    [...files.map(({ content }) => content), MARK],
    pixels,
  );
}

/**
 * What a black box's answers depend on besides its hash: its runtime's version, which of
 * its numbers are asked for, and what becomes of them. Plain data.
 */
export function identifyAnswers(
  { format, asked, takesLogarithms, output, ends }: BlackBox,
): unknown {
  return [
    ...[RUNTIMES[format].version, asked, takesLogarithms],
    ...takesLogarithms && output === "log-odds" ? [output] : [],
    ...ends === "one sigmoid" ? [ends] : [],
  ];
}

/** A probability that is smaller counts as this: so small a one is rounding's. */
const LEAST_PROBABILITY = 1e-7;

/** Operators that may make probabilities, each by itself. */
const SQUASHING = ["Sigmoid", "HardSigmoid", "Exp", "Tanh", "Erf"];

/** How many images tell what answers are. */
const PROBED = 8;

/** Numbers that the file of `box` gives of an image. */
function givenOf({ classes, ends }: DescribedBox): number {
  return ends === "one sigmoid" ? 1 : classes;
}

/** Starts the runtime of `box`; throws an `Error` where it isn't at hand, or refuses it. */
async function startBox(box: DescribedBox, options: BoxOptions) {
  const { source, format, files, input, pixels, bgr, asked } = box;
  const failing = `Cannot run ${cleanText(source)}`;
  const runtime = RUNTIMES[format];
  const process = await startRuntime(runtime, {
    files,
    task: {
      input: [...input],
      classes: givenOf(box),
      pixels,
      bgr,
      output: asked,
    },
    failing,
    ...options,
  });
  if (!("absent" in process)) return process;
  throw new Error(
    `${failing}: what runs it must be at hand: ${process.absent}; it is fetched once, over the network`,
  );
}

/** Throws unless all of `answers` are finite. */
function checkAnswers(answers: Float32Array, box: DescribedBox): void {
  const fault = answers.findIndex((value) => !Number.isFinite(value));
  if (fault < 0) return;
  throw new RangeError(
    `Cannot run ${
      cleanText(box.source)
    }: its answers must be finite: one of an image is ${
      answers[fault]
    }, that of class ${
      fault % givenOf(box)
    }; --pixels may say what it was made to read`,
  );
}

/** What `answers` of the file of `box` are. */
function outputOf(
  answers: Float32Array,
  box: DescribedBox,
): OutputKind {
  if (box.ends !== undefined && box.ends !== "softmax") return "sigmoids";
  const kind = outputKindOf(answers, givenOf(box));
  const squashes = Object.keys(box.operators).some((operator) =>
    SQUASHING.includes(operator)
  );
  // Logits of black, of white and of noise lie hardly all between 0 and 1.
  return kind === "logits" && squashes && areShares(answers)
    ? "sigmoids"
    : kind;
}

/**
 * The box with what its answers are, by what it says of some images where nothing was cut
 * off at its end. Throws an `Error` where its runtime isn't at hand or refuses it, and a
 * `RangeError` where an answer isn't finite.
 */
export async function probeBox(
  box: DescribedBox,
  options: BoxOptions = {},
): Promise<BlackBox> {
  if (box.isCut) return { ...box, output: "logits", takesLogarithms: false };
  await using process = await startBox(box, options);
  const size = box.input.reduce((a, b) => a * b);
  const random = randomStream(1, "probe");
  // Black, white, and noise.
  const images = Uint8Array.from(
    { length: PROBED * size },
    (_, i) => i < size ? 0 : i < 2 * size ? 255 : random.below(256),
  );
  const answers = await process.classify(images);
  checkAnswers(answers, box);
  const kind = outputOf(answers, box);
  return {
    ...box,
    output: kind === "sigmoids"
      ? "log-odds"
      : kind === "logits"
      ? "logits"
      : "log-probabilities",
    takesLogarithms: kind === "probabilities" || kind === "sigmoids",
  };
}

/** ln p, or ln (p/(1 − p)): what is smaller than the smallest that counts is that. */
function takeLogarithm(p: number, output: BlackBox["output"]): number {
  const log = (value: number) => Math.log(Math.max(value, LEAST_PROBABILITY));
  return output === "log-odds" ? log(p) - log(1 - p) : log(p);
}

/** Logits `[n, classes]` of what the file of `box` gives. */
function toLogits(
  answers: Float32Array<ArrayBuffer>,
  { takesLogarithms, output, ends }: BlackBox,
): Float32Array<ArrayBuffer> {
  const logits = takesLogarithms
    ? answers.map((value) => takeLogarithm(value, output))
    : answers;
  if (ends !== "one sigmoid") return logits;
  const both = new Float32Array(2 * logits.length); // 0 and z
  logits.forEach((z, image) => both[2 * image + 1] = z);
  return both;
}

/**
 * Starts the runtime of `box` in a process of its own, to answer batch after batch.
 * Throws an `Error` where it isn't at hand, refuses the model, ends or hangs, and a
 * `RangeError` where an answer isn't finite; each names the file.
 */
export async function openBox(
  box: BlackBox,
  options: BoxOptions = {},
): Promise<OpenBox> {
  const process = await startBox(box, options);
  return {
    runtime: process.runtime,
    atOnce: process.atOnce,
    async answer(images) {
      const answers = await process.classify(images);
      checkAnswers(answers, box);
      return toLogits(answers, box);
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

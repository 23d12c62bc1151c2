import {
  compareAnswers,
  findCloseImages,
} from "../compress/compare_answers.ts";
import { roundingBounds } from "../compress/rounding_bounds.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { loadEncoded } from "../infer/load.ts";
import { classCount } from "../models/cost.ts";
import { product } from "../models/layers/layer.ts";
import { randomStream } from "../random/stream.ts";
import type { ExportedFile, Exporter, RuntimeAnswer } from "./exporter.ts";

/** Images whose answers are known: what a runtime's are compared with. */
export interface ExportReference {
  /** The model whose they are. */
  model: EncodedModel;
  /** Pixels: the images given, and then noise. */
  images: Uint8Array<ArrayBuffer>;
  /** Images given. */
  count: number;
  /** Images of noise. */
  noise: number;
  /** The direct path's, `[count + noise, classes]`. */
  logits: Float32Array<ArrayBuffer>;
  /** How far float32 arithmetic may be from those, of each image. */
  bounds: Float64Array<ArrayBuffer>;
}

/** That a runtime answers as the `.dram` does. */
export interface ExportProof {
  /** Which runtime, and its version. */
  runtime: string;
  /** Images, all of which got the class that the direct path gives. */
  images: number;
  /** Images of noise among them: they reach weights that real images don't. */
  noise: number;
  /** The largest |difference| of any logit. */
  largestDifference: number;
  /** Seconds until the runtime had started and answered for all. */
  seconds: number;
  /** Bytes of the model's constants and code, or null where no compiler has told. */
  flash: number | null;
  /** What the runtime has said against the model. */
  warnings: string[];
}

/** Images of noise that are asked. */
const NOISE = 64;

/** Images between two looks at whether to stop. */
const BATCH = 250;

/** Images of random bytes, whose classes rounding can't change. */
function drawNoise(model: EncodedModel): Uint8Array<ArrayBuffer> {
  const { spec, tensors } = model;
  const size = product(spec.input);
  const random = randomStream(1, "export");
  const noise = Uint8Array.from(
    { length: NOISE * size },
    () => random.below(256),
  );
  const { logits } = loadEncoded(model).classify(noise);
  const bounds = roundingBounds(spec, tensors.map(decodeTensor), noise);
  const width = logits.length / NOISE;
  const close = new Set(
    findCloseImages({ logits, bounds, width }).map(({ image }) => image),
  );
  return noise.filter((_, i) => !close.has(Math.floor(i / size)));
}

/**
 * What the direct path says of `images`, and of some noise, for exports of `model` to
 * be compared with. Throws what `loadEncoded` and its `classify` throw.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { prepareReference } from "./prove_export.ts";
 *
 * const { count, noise, logits } = await prepareReference(smallModel(), new Uint8Array(784));
 * assertEquals([count, logits.length], [1, 10 * (1 + noise)]);
 * ```
 */
export async function prepareReference(
  model: EncodedModel,
  images: Uint8Array,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ExportReference> {
  const { spec, tensors } = model;
  const size = product(spec.input);
  const noise = drawNoise(model);
  const all = new Uint8Array(images.length + noise.length);
  all.set(images);
  all.set(noise, images.length);
  const total = all.length / size;
  const classes = classCount(spec);
  const logits = new Float32Array(total * classes);
  const bounds = new Float64Array(total);
  const direct = loadEncoded(model);
  const weights = tensors.map(decodeTensor);
  for (let first = 0; first < total; first += BATCH) {
    const part = all.subarray(first * size, (first + BATCH) * size);
    logits.set(direct.classify(part).logits, first * classes);
    bounds.set(roundingBounds(spec, weights, part), first);
    // Ctrl-C arrives meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  return {
    model,
    images: all,
    count: images.length / size,
    noise: noise.length / size,
    logits,
    bounds,
  };
}

/**
 * Proves that `files`, which `exporter` has written of the model of `reference`, answer
 * as the model does: each image gets the same class, and each logit is within what
 * rounding to float32 can do. Gives why not where the runtime isn't at hand.
 *
 * Throws an `Error` at the first image that is answered otherwise.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { EXPORTERS } from "./exporters.ts";
 * import { prepareReference, proveExport } from "./prove_export.ts";
 *
 * const model = smallModel();
 * const reference = await prepareReference(model, new Uint8Array(784));
 * const { files } = await EXPORTERS.js.write(model, "small");
 * const proof = await proveExport(files, EXPORTERS.js, reference);
 * assertEquals("absent" in proof || proof.images, "absent" in proof || 1);
 * ```
 */
export async function proveExport(
  files: readonly ExportedFile[],
  exporter: Exporter,
  reference: ExportReference,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ExportProof | { absent: string }> {
  const { model: { spec }, images, count, noise, logits, bounds } = reference;
  const classes = classCount(spec);
  const [height, width, channels] = spec.input;
  const began = performance.now();
  const answer: RuntimeAnswer = await exporter.ask({
    files,
    input: [height, width, channels],
    classes,
    images,
    signal,
  });
  if ("absent" in answer) return answer;
  const seconds = (performance.now() - began) / 1000;
  const { largestDifference } = compareAnswers(
    { logits, bounds, width: classes },
    answer.logits,
    `${exporter.about}, run by ${answer.runtime}`,
  );
  return {
    runtime: answer.runtime,
    images: count,
    noise,
    largestDifference,
    seconds,
    flash: answer.flash ?? null,
    warnings: answer.warnings ?? [],
  };
}

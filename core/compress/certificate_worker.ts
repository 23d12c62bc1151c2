// A worker of certify: what a file answers on one backend.
import { decodeDram } from "../infer/decode_dram.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import { load } from "../infer/load.ts";
import { isInteger } from "../models/integer.ts";
import { serveTask } from "../workers/serve_task.ts";
import type { CertificateAnswer, CertificateTask } from "./certificate_task.ts";
import { roundingBounds } from "./rounding_bounds.ts";

/** Images between two looks at whether to stop. */
const BATCH = 250;

/** What `answer` makes of each batch of `images`, in order; thrown out by `signal`. */
async function inBatches<Answer>(
  { images, size, signal }: {
    images: Uint8Array;
    /** Pixels of an image. */
    size: number;
    signal: AbortSignal;
  },
  answer: (images: Uint8Array) => Promise<Answer> | Answer,
): Promise<Answer[]> {
  const answers = [];
  for (let first = 0; first < images.length; first += BATCH * size) {
    answers.push(await answer(images.subarray(first, first + BATCH * size)));
    // Messages arrive meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return answers;
}

/** All numbers of `parts`, one part after another. */
function* numbersOf(parts: ArrayLike<number>[]): Generator<number> {
  for (const part of parts) yield* Array.from(part);
}

async function answerDirectly(
  { bytes, images }: CertificateTask,
  signal: AbortSignal,
): Promise<CertificateAnswer> {
  const model = load(bytes);
  const { spec, tensors } = decodeDram(bytes);
  const weights = tensors.map(decodeTensor);
  const size = spec.input.reduce((a, b) => a * b);
  const parts = await inBatches({ images, size, signal }, (part) => ({
    logits: model.classify(part).logits,
    bounds: roundingBounds(spec, weights, part),
  }));
  return {
    logits: Float32Array.from(numbersOf(parts.map(({ logits }) => logits))),
    bounds: Float64Array.from(numbersOf(parts.map(({ bounds }) => bounds))),
    adapter: null,
    tfjs: null,
  };
}

async function answerOnTfjs(
  { bytes, images }: CertificateTask,
  backend: "cpu" | "wasm" | "webgpu",
  signal: AbortSignal,
): Promise<CertificateAnswer> {
  // Loaded here: the direct path does without.
  const { requestAdapter } = await import("../device/adapter.ts");
  if (backend === "webgpu" && await requestAdapter() === null) {
    return { absent: "no WebGPU adapter was found" };
  }
  const { selectBackend } = await import("../device/select_backend.ts");
  const { loadOnTfjs } = await import("../infer/tfjs/load_on_tfjs.ts");
  const { prepareStock } = await import("./stock_model.ts");
  const { version } = await import("../tf.ts");
  const { adapter } = await selectBackend(backend);
  const { spec, tensors } = decodeDram(bytes);
  const size = spec.input.reduce((a, b) => a * b);
  // No layer of tfjs's own rounds to integers.
  using stock = backend === "cpu" && !isInteger(spec.layers)
    ? prepareStock(spec, tensors.map(decodeTensor))
    : null;
  using model = loadOnTfjs(bytes);
  const parts = await inBatches(
    { images, size, signal },
    async (part) =>
      stock ? await stock.logits(part) : (await model.classify(part)).logits,
  );
  const logits = Float32Array.from(numbersOf(parts));
  return { logits, adapter, tfjs: version.tfjs };
}

serveTask(async (task: CertificateTask, { signal }) => {
  const { backend } = task;
  if (backend === "direct") return await answerDirectly(task, signal);
  if (backend !== "c") return await answerOnTfjs(task, backend, signal);
  throw new TypeError("a compiler is asked by who exports to C");
});

// ONNX Runtime's Wasm as a peer of the benchmark, for inference:
// `deno run onnxruntime_web.ts wasm THREADS`. It runs our models as ONNX files, and
// its answers must be ours before its time counts.
import { initialWeights } from "../../core/models/initialise.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import { prepareDirect } from "../../core/infer/load.ts";
import { loadShippedTeacher } from "../../core/models/shipped_teacher.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { studentSpec } from "../../core/models/student.ts";
import { cutModel } from "../../core/models/trunk.ts";
import type { FloatArray } from "../../core/files/safetensors.ts";
import { STUDENT_HIDDEN, type Task } from "../task.ts";
import { boxImages, loadBoxNetwork } from "./box_network.ts";
import { randomValues } from "./random_values.ts";
import {
  repeatImages,
  servePeer,
  type TimedRun,
  timeMany,
  timeOnce,
} from "./serve_peer.ts";
import type { Ort, OrtSession } from "../../core/runtimes/onnxruntime_web.ts";
import { writeOnnx, writeProductOnnx } from "../../core/export/onnx.ts";
import { permute } from "../../core/files/permute.ts";

/** Pages of 64 KiB that memory of several threads begins with: 1 GiB, of which only what is used is resident. */
const SHARED_PAGES = 2 ** 14;

/**
 * Memory of several threads that is large from the start. Deno runs Wasm without
 * V8's trap handler (denoland/deno#35658): a thread hears that another has grown
 * their memory only where its function returns. Until then what lies in the new part
 * is out of bounds to it, which ends it; and the others wait for it for ever.
 */
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    const { initial, maximum = SHARED_PAGES, shared } = descriptor;
    const pages = Math.max(initial, Math.min(maximum, SHARED_PAGES));
    super(shared ? { ...descriptor, initial: pages } : descriptor);
  }
};

/**
 * Not a literal where it is imported: see jax_js.ts. What it resolves to in Deno is
 * the package's build for Node, whose Wasm is that of browsers: of the
 * builds the one whose threads start here (`/wasm` imports them by a blob's URL).
 */
const PACKAGE = "npm:onnxruntime-web@1.30.0";
const ort: Ort = await import(PACKAGE);

const threads = Number(Deno.args[1]);

/** How far a logit may be from ours, of one more than the largest of them. */
const TOLERANCE = 1e-4;
/** Images of a batch that are compared with ours, at the most. */
const COMPARED = 8;

function openSession(model: Uint8Array): Promise<OrtSession> {
  return ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
}

/** Images `[batch, 28, 28, 1]`, which are `[batch, 1, 28, 28]` too, to `output`. */
function runOnce(
  session: OrtSession,
  pixels: Float32Array,
  { input: [height, width, channels] }: Pick<ModelSpec, "input">,
): Promise<Float32Array<ArrayBuffer>> {
  const batch = pixels.length / (height * width * channels);
  const shape = [batch, channels, height, width];
  const input = new ort.Tensor("float32", pixels, shape);
  return session.run({ input }).then(({ output }) => output.data);
}

/**
 * Throws unless the rows of `answer`, logits, or what `head` makes logits of, are
 * those that our direct path gives, for some images from the first to the last.
 */
function proveAnswer(
  answer: Float32Array<ArrayBuffer>,
  { spec, weights, pixels, batch, head }: {
    spec: ModelSpec;
    weights: FloatArray[];
    pixels: Float32Array<ArrayBuffer>;
    batch: number;
    /** Logits of one row of `answer`. */
    head?: (row: Float32Array<ArrayBuffer>) => Float32Array;
  },
): void {
  const direct = prepareDirect(spec, weights, []);
  const [size, width] = [pixels.length / batch, answer.length / batch];
  const compared = Math.min(batch, COMPARED);
  for (let i = 0; i < compared; i++) {
    const image = Math.round(i * (batch - 1) / Math.max(1, compared - 1));
    const part = (values: Float32Array<ArrayBuffer>, length: number) =>
      values.slice(image * length, (image + 1) * length);
    const row = part(answer, width);
    const theirs = head ? head(row) : row;
    const ours = direct.classify(part(pixels, size)).logits;
    const bound = TOLERANCE * (1 + Math.max(...ours.map(Math.abs)));
    const off = ours.findIndex((logit, at) =>
      !(Math.abs(logit - theirs[at]) <= bound)
    );
    if (theirs.length !== ours.length || off >= 0) {
      throw new Error(
        `its answer must be ours within ${bound}: logit ${off} of image ${image} is ${
          theirs[off]
        }, ours ${ours[off]}`,
      );
    }
  }
}

/** A model that classifies images, and its answer proven. */
async function openModel(
  spec: ModelSpec,
  weights: FloatArray[],
  pixels: Float32Array<ArrayBuffer>,
): Promise<OrtSession> {
  const batch = pixels.length / spec.input.reduce((a, b) => a * b);
  const session = await openSession(writeOnnx(spec, weights, { batch }));
  const answer = await runOnce(session, pixels, spec);
  proveAnswer(answer, { spec, weights, pixels, batch });
  return session;
}

async function feedModel(
  { spec, weights }: { spec: ModelSpec; weights: FloatArray[] },
  batch: number,
): Promise<TimedRun> {
  const pixels = randomValues(batch * 784, "images");
  const session = await openModel(spec, weights, pixels);
  return () => timeOnce(() => runOnce(session, pixels, spec));
}

/** The teacher's features, from which its own dense layers must make its logits. */
async function extractFeatures(batch: number): Promise<TimedRun> {
  const { spec, weights } = await loadShippedTeacher();
  const { trunk, head, headWeights } = cutModel(spec, weights);
  const pixels = randomValues(batch * 784, "images");
  const last = trunk.at(-1)?.name;
  const session = await openSession(writeOnnx(spec, weights, { batch, last }));
  const flatten = { kind: "flatten", name: "features" } as const;
  const rest = prepareDirect(
    { name: "head", input: [12, 12, 64], layers: [flatten, ...head] },
    headWeights,
    [],
  );
  const answer = await runOnce(session, pixels, spec);
  proveAnswer(answer, {
    spec,
    weights,
    pixels,
    batch,
    head(values) {
      const byPlace = permute({ shape: [64, 12, 12], values }, [1, 2, 0]);
      return rest.classify(byPlace.values).logits;
    },
  });
  return () => timeOnce(() => runOnce(session, pixels, spec));
}

async function matmul(size: number): Promise<TimedRun> {
  const session = await openSession(writeProductOnnx(size));
  const [a, b] = ["a", "b"].map((name) =>
    new ort.Tensor("float32", randomValues(size * size, name), [size, size])
  );
  return () => timeOnce(() => session.run({ a, b }));
}

async function prepareOnnxCompact(
  { work, file, images, batch = 1 }: Extract<Task, { file: string }>,
): Promise<TimedRun> {
  const { spec, tensors } = decodeDram(await Deno.readFile(file));
  const weights = tensors.map(decodeTensor);
  const batches = repeatImages(images, spec.input, batch)
    .map((bytes) => Float32Array.from(bytes, (byte) => byte / 255));
  const session = await openModel(spec, weights, batches[0]);
  if (work === "compact-inference") {
    return () =>
      timeMany((time) =>
        runOnce(session, batches[time % batches.length], spec)
      );
  }
  await session.release();
  const model = writeOnnx(spec, weights, { batch });
  return () =>
    timeMany(async () => {
      const loaded = await openSession(model);
      await loaded.release();
    });
}

/** Batches of images, of which the floats are there, through a network. */
async function feedBatches(
  { network, batch, batches }: Extract<Task, { work: "black-box" }>,
): Promise<TimedRun> {
  const { spec, weights } = await loadBoxNetwork(network);
  const size = spec.input.reduce((a, b) => a * b);
  const pixels = Float32Array.from(
    boxImages(batch * batches * size),
    (byte) => byte / 255,
  );
  const parts = Array.from(
    { length: batches },
    (_, i) => pixels.slice(i * batch * size, (i + 1) * batch * size),
  );
  const session = await openModel(spec, weights, parts[0]);
  return async () =>
    await timeOnce(async () => {
      for (const part of parts) await runOnce(session, part, spec);
    }) / batches;
}

async function prepare(task: Task): Promise<TimedRun> {
  switch (task.work) {
    case "matmul":
      return await matmul(task.size);
    case "feature-extraction":
      return await extractFeatures(task.batch);
    case "inference": {
      if (task.model === "teacher") {
        return await feedModel(await loadShippedTeacher(), task.batch);
      }
      const spec = studentSpec({ hidden: STUDENT_HIDDEN });
      const weights = initialWeights(spec, 1);
      return await feedModel({ spec, weights }, task.batch);
    }
    case "compact-load":
    case "compact-inference":
      return await prepareOnnxCompact(task);
    case "black-box":
      return await feedBatches(task);
    default:
      throw new Error("it infers, and trains nothing");
  }
}

await servePeer({
  start() {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = threads;
    return Promise.resolve({
      version: PACKAGE.slice(PACKAGE.lastIndexOf("@") + 1),
      adapter: null,
      threads,
    });
  },
  prepare,
});

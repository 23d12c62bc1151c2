// ONNX Runtime's Wasm, which says what a model answers: see start_runtime.ts.
import { layPixels } from "./lay_pixels.ts";
import {
  type Runtime,
  type RuntimeTask,
  serveRuntime,
} from "./serve_runtime.ts";

/** What is used of the package, which only a process of its own loads. */
export interface Ort {
  env: {
    logLevel: string;
    versions: { common: string };
    wasm: { numThreads: number };
  };
  Tensor: new (
    type: "float32" | "uint8",
    values: Float32Array | Uint8Array,
    shape: number[],
  ) => OrtTensor;
  InferenceSession: {
    create(
      model: Uint8Array,
      options: {
        executionProviders: string[];
        /** Files beside it, by the names that it calls them by. */
        externalData?: { path: string; data: Uint8Array }[];
      },
    ): Promise<OrtSession>;
  };
}

/** A model that it has read. */
export interface OrtSession {
  inputMetadata: readonly { name: string; type: string; shape: Extents }[];
  outputNames: readonly string[];
  run(
    inputs: Record<string, OrtTensor>,
    outputs?: string[],
  ): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

/** What a model declares: numbers, or names of what may be any. */
type Extents = readonly (number | string)[];

/** Its numbers. */
export interface OrtTensor {
  data: Float32Array<ArrayBuffer>;
}

/**
 * Not a literal where it is imported: Deno would fetch the package with all
 * others, for every command. Its hash is in onnxruntime_web.lock.
 */
const PACKAGE = "npm:onnxruntime-web@1.30.0";

/** How a model reads images, by what it declares: in which order, and how many at once. */
function readLayout(
  [batch, ...declared]: Extents,
  [height, width, channels]: RuntimeTask["input"],
): { shape: number[]; channelsFirst: boolean; batch: number | null } {
  const fits = (shape: number[]) =>
    shape.length === declared.length &&
    declared.every((extent, axis) =>
      typeof extent === "string" || extent === shape[axis]
    );
  const first = [channels, height, width];
  const last = [
    [height, width, channels],
    ...(channels === 1 ? [[height, width]] : []),
    [height * width * channels],
  ];
  const shape = [first, ...last].find(fits);
  if (!shape) {
    throw new Error(
      `its input must be an image of ${height}×${width}×${channels}: it is ${
        declared.join("×")
      }`,
    );
  }
  return {
    shape,
    channelsFirst: shape === first,
    batch: typeof batch === "number" ? batch : null,
  };
}

/** Pixels that a model may take at once. */
const MOST_PIXELS = 2 ** 28;

/** ONNX Runtime's Wasm, on one core. */
export const RUNTIME: Runtime<Ort> = {
  load: () => import(PACKAGE),
  async open(ort, [model, ...beside], task) {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(model.content, {
      executionProviders: ["wasm"],
      externalData: beside.map(({ name, content }) => ({
        path: name,
        data: content,
      })),
    });
    const [{ name, type, shape: declared }] = session.inputMetadata;
    const { shape, channelsFirst, batch: fixed } = readLayout(
      declared,
      task.input,
    );
    const size = task.input.reduce((a, b) => a * b);
    if ((fixed ?? 1) * size > MOST_PIXELS) {
      throw new Error(
        `it must take at most ${MOST_PIXELS} pixels at once: it takes ${fixed} images`,
      );
    }
    const { output = session.outputNames[0] } = task;
    const lay = layPixels(task, { channelsFirst });
    const ask = async (images: Uint8Array) => {
      const count = images.length / size;
      const x = type === "uint8"
        ? new ort.Tensor(type, lay.bytes(images), [count, ...shape])
        : new ort.Tensor("float32", lay.floats(images), [count, ...shape]);
      const { [output]: y } = await session.run({ [name]: x }, [output]);
      return y.data;
    };
    return {
      version: PACKAGE.slice(PACKAGE.lastIndexOf("@") + 1),
      async classify(images) {
        const count = images.length / size;
        if (fixed === null || fixed === count) return await ask(images);
        const answers = new Float32Array(count * task.classes);
        for (let first = 0; first < count; first += fixed) {
          // As many as the model takes at once: what isn't there is black.
          const part = new Uint8Array(fixed * size);
          part.set(images.subarray(first * size, (first + fixed) * size));
          const wanted = Math.min(fixed, count - first) * task.classes;
          const answer = await ask(part);
          answers.set(answer.subarray(0, wanted), first * task.classes);
        }
        return answers;
      },
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

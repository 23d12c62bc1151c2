// ONNX Runtime's Wasm, which says what a model answers: see start_runtime.ts.
import {
  answerInBatches,
  type Extents,
  layPixels,
  type PixelLayout,
  readLayout,
} from "./lay_pixels.ts";
import { type Runtime, serveRuntime } from "./serve_runtime.ts";
import { ONNX_RUNTIME } from "./start_runtime.ts";

/** What is used of the package, which only a process of its own loads. */
export interface Ort {
  env: {
    logLevel: string;
    versions: { common: string };
    wasm: { numThreads: number };
  };
  Tensor: new (
    type: "float32" | "float16" | "uint8",
    values: Float32Array | Float16Array<ArrayBuffer> | Uint8Array,
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

/** Its numbers; what a model gives in 16 bits comes so. */
export interface OrtTensor {
  data: Float32Array<ArrayBuffer>;
}

/** Floats as a model reads them, of 32 bits or 16, or bytes. */
function toTensor(
  { Tensor }: Ort,
  type: string,
  { lay, images, shape }: {
    lay: PixelLayout;
    images: Uint8Array;
    shape: number[];
  },
): OrtTensor {
  switch (type) {
    case "uint8":
      return new Tensor(type, lay.bytes(images), shape);
    case "float16":
      return new Tensor(type, Float16Array.from(lay.floats(images)), shape);
    default:
      return new Tensor("float32", lay.floats(images), shape);
  }
}

/**
 * Not a literal where it is imported: Deno would fetch the package with all
 * others, for every command. Its hash is in onnxruntime_web.lock.
 */
const PACKAGE = `npm:onnxruntime-web@${ONNX_RUNTIME.version}`;

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
    const layout = readLayout(declared, task.input);
    const { shape } = layout;
    const { output = session.outputNames[0] } = task;
    const lay = layPixels(task, layout);
    const ask = async (images: Uint8Array, count: number) => {
      const x = toTensor(ort, type, {
        lay,
        images,
        shape: [count, ...shape],
      });
      const { [output]: y } = await session.run({ [name]: x }, [output]);
      return y.data instanceof Float32Array
        ? y.data
        : Float32Array.from(y.data);
    };
    return {
      version: ONNX_RUNTIME.version,
      classify: (images) => answerInBatches(images, task, layout, ask),
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

// ONNX Runtime's Wasm, which says what a model answers: see ask_package.ts.
import { type Runtime, serveRuntime } from "./serve_runtime.ts";

/** What we use of the package, which only this process loads. */
interface Ort {
  env: {
    logLevel: string;
    versions: { common: string };
    wasm: { numThreads: number };
  };
  Tensor: new (
    type: "float32",
    values: Float32Array,
    shape: number[],
  ) => OrtTensor;
  InferenceSession: {
    create(
      model: Uint8Array,
      options: { executionProviders: string[] },
    ): Promise<{
      run(inputs: Record<string, OrtTensor>): Promise<
        Record<string, OrtTensor>
      >;
    }>;
  };
}

interface OrtTensor {
  data: Float32Array<ArrayBuffer>;
}

/**
 * Not a literal where it is imported: Deno would fetch the package with all
 * others, for every command. Its hash is in onnxruntime_web.lock.
 */
const PACKAGE = "npm:onnxruntime-web@1.30.0";

/** [n, h, w, c] bytes → [n, c, h, w] numbers from 0 to 1. */
function putChannelsFirst(
  bytes: Uint8Array,
  places: number,
  channels: number,
): Float32Array {
  const size = places * channels;
  return Float32Array.from(bytes, (_, to) => {
    const [first, within] = [to - to % size, to % size];
    const [channel, place] = [Math.floor(within / places), within % places];
    return bytes[first + place * channels + channel] / 255;
  });
}

/** ONNX Runtime's Wasm, on one core. */
export const RUNTIME: Runtime<Ort> = {
  load: () => import(PACKAGE),
  async open(ort, model, { input: [height, width, channels] }) {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ["wasm"],
    });
    return {
      version: PACKAGE.slice(PACKAGE.lastIndexOf("@") + 1),
      async classify(images) {
        const pixels = putChannelsFirst(images, height * width, channels);
        const count = images.length / (height * width * channels);
        const { output } = await session.run({
          input: new ort.Tensor("float32", pixels, [
            count,
            channels,
            height,
            width,
          ]),
        });
        return output.data;
      },
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

// ONNX Runtime's Wasm, which says what a model answers: see ask_package.ts.
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
    type: "float32",
    values: Float32Array,
    shape: number[],
  ) => OrtTensor;
  InferenceSession: {
    create(
      model: Uint8Array,
      options: { executionProviders: string[] },
    ): Promise<OrtSession>;
  };
}

/** A model that it has read. */
export interface OrtSession {
  inputMetadata: readonly { name: string; shape: Extents }[];
  outputNames: readonly string[];
  run(inputs: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
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
      `error: its input must be an image of ${height}×${width}×${channels}: it is ${
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

/** Bytes [n, h, w, c] as numbers from 0 to 1, scaled, in the order that the model reads. */
function scaleImages(
  bytes: Uint8Array,
  { input: [height, width, channels], pixels }: RuntimeTask,
  { channelsFirst }: { channelsFirst: boolean },
): Float32Array {
  const places = height * width;
  const size = places * channels;
  const of = (values: number[] | undefined, channel: number, usual: number) =>
    values?.[values.length === 1 ? 0 : channel] ?? usual;
  return Float32Array.from(bytes, (_, to) => {
    const [first, within] = [to - to % size, to % size];
    const [channel, place] = channelsFirst
      ? [Math.floor(within / places), within % places]
      : [within % channels, Math.floor(within / channels)];
    const value = bytes[first + place * channels + channel] / 255;
    return (value * (pixels?.scale ?? 1) - of(pixels?.mean, channel, 0)) /
      of(pixels?.deviation, channel, 1);
  });
}

/** ONNX Runtime's Wasm, on one core. */
export const RUNTIME: Runtime<Ort> = {
  load: () => import(PACKAGE),
  async open(ort, model, task) {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ["wasm"],
    });
    const [{ name, shape: declared }] = session.inputMetadata;
    const layout = readLayout(declared, task.input);
    const size = task.input.reduce((a, b) => a * b);
    const ask = async (images: Uint8Array) => {
      const count = images.length / size;
      const outputs = await session.run({
        [name]: new ort.Tensor(
          "float32",
          scaleImages(images, task, layout),
          [count, ...layout.shape],
        ),
      });
      return outputs[session.outputNames[0]].data;
    };
    return {
      version: PACKAGE.slice(PACKAGE.lastIndexOf("@") + 1),
      async classify(images) {
        const count = images.length / size;
        const batch = layout.batch ?? count;
        const answers = new Float32Array(count * task.classes);
        for (let first = 0; first < count; first += batch) {
          // As many as the model takes at once: what isn't there is black.
          const part = new Uint8Array(batch * size);
          part.set(images.subarray(first * size, (first + batch) * size));
          const wanted = Math.min(batch, count - first) * task.classes;
          const answer = await ask(part);
          answers.set(answer.subarray(0, wanted), first * task.classes);
        }
        return answers;
      },
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

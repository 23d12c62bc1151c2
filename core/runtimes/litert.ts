// LiteRT's Wasm, which says what a TensorFlow Lite model answers: see start_runtime.ts.
import { type Runtime, serveRuntime } from "./serve_runtime.ts";
import { LITERT } from "./start_runtime.ts";

/** What we use of the package, which only this process loads. */
interface LiteRt {
  /** Throws where nothing is loaded. */
  getGlobalLiteRt(): unknown;
  loadLiteRt(folder: string): Promise<unknown>;
  loadAndCompile(
    model: Uint8Array,
    options: { accelerator: "wasm" },
  ): Promise<CompiledModel>;
  Tensor: new (values: Float32Array, shape: number[]) => LiteTensor;
}

interface CompiledModel {
  run(inputs: LiteTensor[]): Promise<LiteTensor[]>;
}

interface LiteTensor {
  data(): Promise<Float32Array>;
  delete(): void;
}

/** Not a literal where it is imported: see onnxruntime_web.ts. */
const PACKAGE = `npm:@litertjs/core@${LITERT.version}`;

/**
 * Where the package lies: Deno tells it of no npm package, but an error of the
 * package's own names its file.
 */
function findWasm({ getGlobalLiteRt }: LiteRt): string {
  try {
    getGlobalLiteRt();
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? "" : "";
    const [, folder] = /(file:\/\/\S+)\/dist\/index\.js/.exec(stack) ?? [];
    if (folder) return `${folder}/wasm`;
  }
  throw new Error(
    "Cannot find LiteRT's Wasm: its package must say where it lies",
  );
}

/** Makes this process look like a page's worker: in Node's place it asks for what isn't here. */
function actLikeWorker(folder: string): void {
  const importScripts = (url: string) => {
    (0, eval)(Deno.readTextFileSync(new URL(url)));
    const wasmBinary = Deno.readFileSync(
      new URL(url.replace(/\.js$/, ".wasm")),
    );
    Object.assign(globalThis, { Module: { wasmBinary } });
  };
  const location = { href: `${folder}/` };
  for (
    const [name, value] of Object.entries({
      importScripts,
      location,
      process: undefined,
      WorkerGlobalScope: Object,
    })
  ) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
}

/** LiteRT's Wasm. */
export const RUNTIME: Runtime<LiteRt> = {
  async load() {
    const litert: LiteRt = await import(PACKAGE);
    const folder = findWasm(litert);
    actLikeWorker(folder);
    await litert.loadLiteRt(folder);
    return litert;
  },
  async open(litert, [{ content }], { input: [height, width, channels] }) {
    const compiled = await litert.loadAndCompile(content, {
      accelerator: "wasm",
    });
    const size = height * width * channels;
    return {
      version: LITERT.version,
      async classify(images) {
        const logits: number[] = [];
        for (let first = 0; first < images.length; first += size) {
          const pixels = Float32Array.from(
            images.subarray(first, first + size),
            (byte) => byte / 255,
          );
          const x = new litert.Tensor(pixels, [1, height, width, channels]);
          const [y] = await compiled.run([x]);
          logits.push(...await y.data());
          x.delete();
          y.delete();
        }
        return Float32Array.from(logits);
      },
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

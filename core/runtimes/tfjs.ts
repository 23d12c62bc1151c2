// Stock tfjs, which says what a GraphModel answers: see start_runtime.ts.
import { npmModuleFolder } from "../files/npm_folder.ts";
import { areAlike } from "./are_alike.ts";
import { answerInBatches, layPixels, readLayout } from "./lay_pixels.ts";
import { type Runtime, serveRuntime } from "./serve_runtime.ts";
import { TFJS } from "./start_runtime.ts";

/** What is used of a tensor. */
interface Tensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** What is used of tfjs's core. */
interface Core {
  version_core: string;
  setBackend(name: string): Promise<boolean>;
  tensor(
    values: Float32Array | Int32Array,
    shape: number[],
    type: "float32" | "int32",
  ): Tensor;
  io: { fromMemory(artifacts: Record<string, unknown>): unknown };
}

/** What is used of its converter. */
interface Converter {
  loadGraphModel(handler: unknown): Promise<GraphModel>;
}

/** What is used of its Wasm backend. */
interface Wasm {
  setWasmPaths(folder: string): void;
}

/** A model that it has read. */
interface GraphModel {
  inputs: readonly { name: string; dtype: string; shape?: number[] }[];
  executeAsync(
    inputs: Record<string, Tensor>,
    output: string,
  ): Promise<Tensor | Tensor[]>;
  execute(inputs: Record<string, Tensor>, output: string): Tensor | Tensor[];
}

/** The packages, loaded. */
interface Tfjs {
  core: Core;
  converter: Converter;
}

/** Not literals where they are imported: see onnxruntime_web.ts. */
const PACKAGES = {
  core: `npm:@tensorflow/tfjs-core@${TFJS.version}`,
  converter: `npm:@tensorflow/tfjs-converter@${TFJS.version}`,
  wasm: `npm:@tensorflow/tfjs-backend-wasm@${TFJS.version}`,
  cpu: `npm:@tensorflow/tfjs-backend-cpu@${TFJS.version}`,
};

/** An error's first words. */
function say(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Stock tfjs, on one core. */
export const RUNTIME: Runtime<Tfjs> = {
  async load() {
    const core: Core = await import(PACKAGES.core);
    const converter: Converter = await import(PACKAGES.converter);
    await import(PACKAGES.cpu);
    const wasm: Wasm = await import(PACKAGES.wasm);
    wasm.setWasmPaths(
      npmModuleFolder(
        "@tensorflow/tfjs-backend-wasm",
        "tf-backend-wasm.node.js",
      ),
    );
    return { core, converter };
  },
  async open({ core, converter }, [json, weights], task) {
    const { weightsManifest, ...description } = JSON.parse(
      new TextDecoder().decode(json.content),
    );
    const artifacts = {
      ...description,
      weightSpecs: weightsManifest.flatMap(
        ({ weights }: { weights: unknown[] }) => weights,
      ),
      weightData: weights.content.slice().buffer,
    };
    const { output = "" } = task;
    /** The model on one of tfjs's backends. */
    const openOn = async (backend: string) => {
      if (!await core.setBackend(backend)) {
        throw new Error(`its ${backend} backend must start: it didn't`);
      }
      const model = await converter.loadGraphModel(
        core.io.fromMemory(artifacts),
      );
      const [{ name, dtype, shape: declared = [] }] = model.inputs;
      const [first, ...rest] = declared.map((extent) =>
        extent > 0 ? extent : "any"
      );
      const layout = readLayout([first, ...rest], task.input);
      const lay = layPixels(task, layout);
      /** Whether it has loops or branches, which only one of its ways takes. */
      let hasBranches = false;
      const run = async (x: Tensor) => {
        if (!hasBranches) {
          try {
            return model.execute({ [name]: x }, output);
          } catch (error) {
            if (!/executeAsync/.test(say(error))) throw error;
            hasBranches = true;
          }
        }
        return await model.executeAsync({ [name]: x }, output);
      };
      const ask = async (images: Uint8Array, count: number) => {
        const shape = [count, ...layout.shape];
        const x = dtype === "int32"
          ? core.tensor(Int32Array.from(lay.bytes(images)), shape, "int32")
          : core.tensor(lay.floats(images), shape, "float32");
        const y = await run(x);
        if (Array.isArray(y)) throw new Error("it must give one output");
        const values = await y.data();
        x.dispose();
        y.dispose();
        return values;
      };
      return (images: Uint8Array<ArrayBuffer>) =>
        answerInBatches(images, task, layout, ask);
    };
    // A pattern, so that a kernel that answers zeros is met.
    const probe = Uint8Array.from(
      { length: task.input.reduce((a, b) => a * b) },
      (_, i) => i * 89 % 256,
    );
    const sure = await openOn("cpu");
    const wanted = await sure(probe);
    try {
      const fast = await openOn("wasm");
      if (areAlike(await fast(probe), wanted)) {
        return { version: `${core.version_core}, wasm`, classify: fast };
      }
    } catch {
      // It lacks an operator, which the other has.
    }
    return {
      version: `${core.version_core}, cpu`,
      classify: await openOn("cpu"),
    };
  },
};

if (import.meta.main) await serveRuntime(RUNTIME);

/**
 * tfjs for a web page: its WebGPU or its Wasm backend, and models on it. Import it
 * dynamically, once the page has classified by itself: with what it loads it is
 * many times as large as the direct path.
 *
 * @module
 */
import type { ModelSpec } from "../../models/spec.ts";
import { weightShapes } from "../../models/cost.ts";
import { decodeDram, type DramOptions } from "../decode_dram.ts";
import type { EncodedModel } from "../encoded_tensor.ts";
import { loadEncodedChecked } from "./load_checked.ts";
import { startWasm } from "./page_wasm.ts";
import { findAdapter, isSoftware, startWebGpu } from "./page_webgpu.ts";
import type { TfjsModel } from "./tfjs_model.ts";

export type { TfjsModel };

/** Which backend a page runs on, and why. */
export interface PageBackend {
  /** Its name in tfjs. */
  name: "webgpu" | "wasm";
  /** The WebGPU adapter's name; null on Wasm. */
  adapter: string | null;
  /** One line for the user. */
  reason: string;
  /** Resolves to what became of the device, should it fail; Wasm never does. */
  lost: Promise<Error>;
}

/** One layer of every kind that computes. */
const SPEC: ModelSpec = {
  name: "self-test",
  input: [11, 11, 1],
  layers: [
    { kind: "conv2d", name: "a", filters: 4, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "b", size: 2 },
    {
      kind: "depthwiseConv2d",
      name: "c",
      size: 3,
      stride: 2,
      padding: "same",
      activation: "relu",
    },
    {
      kind: "residual",
      name: "h",
      layers: [{
        kind: "conv2d",
        name: "i",
        filters: 4,
        size: 3,
        padding: "same",
        activation: "linear",
      }],
      activation: "relu",
    },
    { kind: "averagePool2d", name: "d", size: 2 },
    { kind: "flatten", name: "e" },
    { kind: "dense", name: "f", units: 10, activation: "linear" },
    { kind: "softmax", name: "g" },
  ],
};

function selfTestModel(): EncodedModel {
  return {
    spec: SPEC,
    labels: [..."0123456789"],
    tensors: weightShapes(SPEC).map((shape) => {
      const length = shape.reduce((a, b) => a * b);
      const values = Float32Array.from(
        { length },
        (_, i) => (i * 37 % 23 - 9) / 16,
      );
      return { kind: "float", shape, bits: 32, values };
    }),
  };
}

/** Throws unless the current backend gives what the direct path gives. */
async function testBackend(what: string): Promise<void> {
  try {
    const model = await loadEncodedChecked(selfTestModel());
    model[Symbol.dispose](); // Not by `using`, which few browsers can parse.
  } catch (cause) {
    throw new Error(`${what} failed its test`, { cause });
  }
}

const NEVER = new Promise<Error>(() => {});

async function tryWebGpu(chosen: boolean): Promise<PageBackend> {
  const found = await findAdapter();
  if (!chosen && isSoftware(found)) {
    throw new Error("this browser's only WebGPU adapter is software");
  }
  const { adapter, software, lost } = await startWebGpu(found);
  await testBackend(`WebGPU on ${adapter}`);
  const reason = `WebGPU on ${adapter}${software ? ", which is software" : ""}`;
  return { name: "webgpu", adapter, reason, lost };
}

async function tryWasm(wasmPath: string, why: string): Promise<PageBackend> {
  await startWasm(wasmPath);
  await testBackend("WebAssembly");
  const reason = `WebAssembly: ${why}`;
  return { name: "wasm", adapter: null, reason, lost: NEVER };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function start(
  choice: "auto" | "webgpu" | "wasm",
  wasmPath: string,
): Promise<PageBackend> {
  const why: string[] = [];
  if (choice !== "wasm") {
    try {
      return await tryWebGpu(choice === "webgpu");
    } catch (error) {
      why.push(reasonOf(error));
    }
  }
  if (choice !== "webgpu") {
    try {
      return await tryWasm(wasmPath, why[0] ?? "chosen");
    } catch (error) {
      why.push(reasonOf(error));
    }
  }
  throw new Error(`The processor computes: ${why.join(", and ")}`);
}

let previous: Promise<unknown> = Promise.resolve();

/**
 * Makes a backend tfjs's current one: for `auto` WebGPU on a GPU, else Wasm. A
 * software adapter is used only where `webgpu` is asked for. Each must first give
 * the direct path's results for a small model.
 *
 * `wasmPath` is the folder, with a slash at its end, that the page's server has
 * tfjs's `tfjs-backend-wasm-simd.wasm` in. Models loaded before must be loaded
 * again. Throws an `Error` that says, in a line for the user, why the page is left
 * with the direct path.
 */
export function startPageBackend(
  choice: "auto" | "webgpu" | "wasm",
  { wasmPath }: { wasmPath: string },
): Promise<PageBackend> {
  const started = previous.then(() => start(choice, wasmPath));
  previous = started.catch(() => {}); // Of two at once, the later one counts.
  return started;
}

/**
 * Reads a `.dram` file, puts its model on the backend that was started, and
 * classifies one image by it, as a check against the direct path. Throws what
 * `load` throws, and an `Error` where the backend's results are wrong.
 */
export async function loadInPage(
  bytes: Uint8Array,
  options: DramOptions = {},
): Promise<TfjsModel> {
  return await loadEncodedChecked(decodeDram(bytes, options));
}

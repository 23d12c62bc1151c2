/** What computes a prediction: a GPU, WebAssembly, or plain TypeScript. */
export type BackendName = "webgpu" | "wasm" | "cpu";

/** What the user asks for: one of them, or the first that works. */
export type BackendChoice = "auto" | BackendName;

/** What pages call the backends. */
export const BACKEND_TITLES: Record<BackendName, string> = {
  webgpu: "WebGPU",
  wasm: "WebAssembly",
  cpu: "CPU",
};

/** What the menu offers, in its order. */
export const BACKEND_CHOICES: readonly BackendChoice[] = [
  "auto",
  "webgpu",
  "wasm",
  "cpu",
];

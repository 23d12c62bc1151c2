import { runInWorker } from "../workers/run_in_worker.ts";
import type { TfjsTask } from "./answer_by_tfjs.ts";
import type { RuntimeAnswer, RuntimeQuestion } from "./exporter.ts";

/**
 * The logits of images by a tfjs LayersModel in stock tfjs on its Wasm backend, in a
 * worker, in which none of our kernels is registered.
 */
export async function askTfjs(
  { files, images, signal }: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const [data, json] = ["weights.bin", "model.json"].map((wanted) =>
    files.find(({ name }) => name === wanted)?.content
  );
  if (
    typeof json !== "string" || data === undefined || typeof data === "string"
  ) {
    throw new TypeError("a tfjs model is model.json and weights.bin");
  }
  const { logits, version } = await runInWorker<
    TfjsTask,
    never,
    { logits: Float32Array<ArrayBuffer>; version: string }
  >(
    new URL("./ask_tfjs_worker.ts", import.meta.url),
    { json, data, images },
    { signal },
  );
  return { runtime: `tfjs ${version}`, logits };
}

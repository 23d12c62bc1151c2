import {
  type RuntimePackage,
  startRuntime,
} from "../runtimes/start_runtime.ts";
import type { RuntimeAnswer, RuntimeQuestion } from "./exporter.ts";

/**
 * The logits of images by a model of one file, run by an npm package in a process of its
 * own: see {@linkcode startRuntime}. Absent where the package can't be fetched. Throws an
 * `Error` where it refuses the model.
 */
export async function askPackage(
  runtime: RuntimePackage,
  { files: [{ content }], input, classes, images, pixels, signal }:
    RuntimeQuestion,
): Promise<RuntimeAnswer> {
  if (typeof content === "string") {
    throw new TypeError(
      `Cannot ask ${runtime.name}: a model must be bytes: it is text`,
    );
  }
  const started = await startRuntime(runtime, {
    files: [{ name: "model", content }],
    task: { input, classes, pixels },
    failing: "Cannot prove the model",
    signal,
  });
  if ("absent" in started) return started;
  await using process = started;
  return {
    runtime: process.runtime,
    logits: await process.classify(images),
  };
}

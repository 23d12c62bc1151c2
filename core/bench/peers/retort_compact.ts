import { loadOnTfjs } from "../../infer/tfjs/load_on_tfjs.ts";
import type { Task } from "../task.ts";
import { type TimedRun, timeMany } from "./serve_peer.ts";

/** Loads a `.dram` file onto the current backend, or classifies images one by one. */
export async function prepareCompact(
  { work, file, images }: Extract<Task, { file: string }>,
): Promise<TimedRun> {
  const bytes = await Deno.readFile(file);
  if (work === "compact-load") {
    return () =>
      timeMany(() => {
        using _ = loadOnTfjs(bytes);
      });
  }
  const model = loadOnTfjs(bytes);
  const size = model.spec.input.reduce((a, b) => a * b);
  const pixels = Uint8Array.from(images);
  return () =>
    timeMany((time) => {
      const start = time * size % pixels.length;
      return model.classify(pixels.subarray(start, start + size));
    });
}

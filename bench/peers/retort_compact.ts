import { loadOnTfjs } from "../../core/infer/tfjs/load_on_tfjs.ts";
import type { Task } from "../task.ts";
import { repeatImages, type TimedRun, timeMany } from "./serve_peer.ts";

/** Loads a `.dram` file onto the current backend, or classifies images batch by batch. */
export async function prepareRetortCompact(
  { work, file, images, batch = 1 }: Extract<Task, { file: string }>,
): Promise<TimedRun> {
  const bytes = await Deno.readFile(file);
  if (work === "compact-load") {
    return () =>
      timeMany(() => {
        using _ = loadOnTfjs(bytes);
      });
  }
  const model = loadOnTfjs(bytes);
  const batches = repeatImages(images, model.spec.input, batch)
    .map((bytes) => Uint8Array.from(bytes));
  return () =>
    timeMany((time) => model.classify(batches[time % batches.length]));
}

// Retort's direct path as a peer of the benchmark: `deno run retort_direct.ts`. It
// loads no framework.
import { load } from "../../core/infer/load.ts";
import { VERSION } from "../../core/version.ts";
import { repeatImages, servePeer, timeMany } from "./serve_peer.ts";

await servePeer({
  start: () => Promise.resolve({ version: VERSION, adapter: null }),
  async prepare(task) {
    if (task.work !== "compact-load" && task.work !== "compact-inference") {
      throw new Error("it runs compact models only");
    }
    const bytes = await Deno.readFile(task.file);
    if (task.work === "compact-load") return () => timeMany(() => load(bytes));
    const model = load(bytes);
    const { images, batch = 1 } = task;
    const batches = repeatImages(images, model.spec.input, batch)
      .map((bytes) => Uint8Array.from(bytes));
    return () =>
      timeMany((time) => {
        model.classify(batches[time % batches.length]);
      });
  },
});

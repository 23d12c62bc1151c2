// Retort's direct path as a peer of the benchmark: `deno run retort_direct.ts`. It
// loads no framework.
import { load } from "../../infer/load.ts";
import { VERSION } from "../../version.ts";
import { servePeer, timeMany } from "./serve_peer.ts";

await servePeer({
  start: () => Promise.resolve({ version: VERSION, adapter: null }),
  async prepare(task) {
    if (task.work !== "compact-load" && task.work !== "compact-inference") {
      throw new Error("it runs compact models only");
    }
    const bytes = await Deno.readFile(task.file);
    if (task.work === "compact-load") return () => timeMany(() => load(bytes));
    const model = load(bytes);
    const size = model.spec.input.reduce((a, b) => a * b);
    const pixels = Uint8Array.from(task.images);
    return () =>
      timeMany((time) => {
        const start = time * size % pixels.length;
        model.classify(pixels.subarray(start, start + size));
      });
  },
});

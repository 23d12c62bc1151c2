// Retort's reading of folders of pictures as a peer of the benchmark: `deno run
// retort_reading.ts`.
import { loadDataset } from "../../core/data/formats/load_dataset.ts";
import { VERSION } from "../../core/version.ts";
import { servePeer, timeProcessor } from "./serve_peer.ts";

await servePeer({
  start: () => Promise.resolve({ version: VERSION, adapter: null, threads: 1 }),
  prepare(task) {
    if (task.work !== "read-png" && task.work !== "read-jpeg") {
      return Promise.reject(new Error("it reads pictures only"));
    }
    const { work, folder } = task;
    const image = work === "read-jpeg" ? [32, 32, 3] as const : undefined;
    return Promise.resolve(() =>
      timeProcessor(() => loadDataset(folder, { image }))
    );
  },
});

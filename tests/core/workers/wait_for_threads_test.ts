import { assert, assertEquals } from "@std/assert";
import { waitForThreads } from "../../../core/workers/wait_for_threads.ts";

/** What a worker needs to answer one message. */
const ECHO = `data:text/javascript,onmessage = () => postMessage("here")`;

async function startWorker(): Promise<Worker> {
  const worker = new Worker(ECHO, { type: "module" });
  await new Promise((answered) => {
    worker.onmessage = answered;
    worker.postMessage("there?");
  });
  return worker;
}

/** Names of this process's threads that are of workers. */
function workerThreads(): string[] {
  return [...Deno.readDirSync("/proc/self/task")]
    .map(({ name }) => Deno.readTextFileSync(`/proc/self/task/${name}/comm`))
    .filter((name) => name.startsWith("worker-"));
}

Deno.test({
  name: "threads of terminated workers are waited for (Linux)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const workers = await Promise.all([startWorker(), startWorker()]);
    assertEquals(workerThreads().length, 2);
    for (const worker of workers) worker.terminate();
    await waitForThreads();
    assertEquals(workerThreads(), []);
  },
});

Deno.test("one that isn't terminated is waited for no longer than is asked", async () => {
  const worker = await startWorker();
  const start = performance.now();
  await waitForThreads(100);
  assert(performance.now() - start < 5000);
  worker.terminate();
  await waitForThreads();
});

/** Threads of this process on Linux, each a folder. */
const THREADS = "/proc/self/task";
/** What Deno calls the threads of workers. */
const OF_WORKER = /^worker-\d+$/;
/** Milliseconds between two looks. */
const PAUSE = 20;

/** How many threads of workers there are; none where nobody tells. */
async function countThreads(): Promise<number> {
  let count = 0;
  try {
    for await (const { name } of Deno.readDir(THREADS)) {
      // One may end before it is looked at.
      const path = `${THREADS}/${name}/comm`;
      const comm = await Deno.readTextFile(path).catch(() => "");
      if (OF_WORKER.test(comm.trim())) count++;
    }
  } catch {
    return 0;
  }
  return count;
}

/**
 * Waits until the threads of workers that were terminated have ended, for `limit` ms at the
 * most. A worker that used WebGPU takes some tenths of a second to let go of the driver; a process
 * that exits meanwhile may end in a segmentation fault, its work done (one in twenty did, with
 * Mesa's software driver).
 *
 * Deno tells nobody when such a thread has ended: Linux does, where it may be read. Elsewhere
 * nothing is waited for.
 */
export async function waitForThreads(limit = 3000): Promise<void> {
  const end = performance.now() + limit;
  while (performance.now() < end && await countThreads() > 0) {
    await new Promise((wake) => setTimeout(wake, PAUSE));
  }
}

// Runs a runtime's program, named by its argument, in a worker, reads standard input for
// it, and ends with who started it: a worker that is at a model hears nothing, and some
// models never end.
import { FrameReader } from "./frames.ts";
import type { FromInput } from "./serve_runtime.ts";

/** Milliseconds between two looks. */
const LOOK = 500;
/** Bytes that a message may have: a file's, or a batch's. */
const MOST_BYTES = 2 ** 32 - 1;

const [program] = Deno.args;
const starter = Deno.ppid;
// A Ctrl-C reaches the whole group: who started it saves first, then ends it.
Deno.addSignalListener("SIGINT", () => {});
setInterval(() => {
  if (Deno.ppid !== starter) Deno.exit();
}, LOOK);
const worker = new Worker(new URL(`./${program}.ts`, import.meta.url), {
  type: "module",
});
// It has said all.
worker.onmessage = () => Deno.exit();
const frames = new FrameReader(Deno.stdin.readable);
for (;;) {
  const content: FromInput = (await frames.read(MOST_BYTES))?.content ?? null;
  worker.postMessage(content, content ? [content.buffer] : []);
  if (!content) break;
}

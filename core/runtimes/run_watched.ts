// Runs a runtime's program, named by its argument, in a worker, reads standard input for
// it, and ends with who started it: a worker that is at a model hears nothing, and some
// models never end.
import { FrameReader } from "./frames.ts";
import type { FromInput, RuntimeFile, RuntimeSetup } from "./serve_runtime.ts";

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
const tell = (read: FromInput, transfer: ArrayBuffer[] = []) =>
  worker.postMessage(read, transfer);

/** Reads a model; undefined where who started this has ended. */
async function readModel() {
  const said = await frames.read(MOST_BYTES);
  if (!said) return undefined;
  const { task, files: names, step }: RuntimeSetup = JSON.parse(
    new TextDecoder().decode(said.content),
  );
  const files: RuntimeFile[] = [];
  for (const name of names) {
    const file = await frames.read(MOST_BYTES);
    if (!file) return undefined;
    files.push({ name, content: file.content });
  }
  return { task, files, step };
}

const model = await readModel();
if (model) {
  const { task, files, step } = model;
  const buffers = files.map(({ content }) => content.buffer);
  tell({ kind: "model", task, files }, buffers);
  for await (const part of frames.readParts(MOST_BYTES, step)) {
    tell({ kind: "images", part }, [part.content.buffer]);
  }
}
tell(null);

// Runs a runtime's program, named by its argument, in a worker, and ends with who started
// it: a worker that is at a model hears nothing, and some models never end.

/** Milliseconds between two looks. */
const LOOK = 500;

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

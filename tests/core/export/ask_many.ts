// One process that has a runtime answer for the models of many folders: see ask_runtimes.ts.
import type { Runtime } from "../../../core/runtimes/serve_runtime.ts";

/** Images at once. */
const BATCH = 250;

const [program, folder, tasks] = Deno.args;
const { RUNTIME }: { RUNTIME: Runtime } = await import(program);
const loaded = await RUNTIME.load();
for (const [index, task] of JSON.parse(tasks).entries()) {
  const place = `${folder}/${index}`;
  const content = await Deno.readFile(`${place}/model`);
  const { classify } = await RUNTIME.open(
    loaded,
    [{ name: "model", content }],
    task,
  );
  const images = await Deno.readFile(`${place}/images`);
  const [height, width, channels] = task.input;
  const size = height * width * channels;
  const logits = new Float32Array(images.length / size * task.classes);
  for (let first = 0; first < images.length; first += BATCH * size) {
    const part = images.slice(first, first + BATCH * size);
    logits.set(await classify(part), first / size * task.classes);
  }
  await Deno.writeFile(`${place}/logits`, new Uint8Array(logits.buffer));
}

// One process that has a runtime answer for the models of many folders: see ask_runtime.ts.
import {
  answerFolder,
  type Runtime,
} from "../../../core/export/runtimes/serve_runtime.ts";

const [program, folder, tasks] = Deno.args;
const { RUNTIME }: { RUNTIME: Runtime } = await import(program);
const loaded = await RUNTIME.load();
for (const [index, task] of JSON.parse(tasks).entries()) {
  const place = `${folder}/${index}`;
  const model = await Deno.readFile(`${place}/model`);
  await answerFolder(place, task, await RUNTIME.open(loaded, model, task));
}

/**
 * Sweeps in a process of its own, which kills itself, as `kill -9` would, when
 * so many training steps are done; for resume_test.ts.
 *
 * Arguments: the tiny experiment's folder, the study's path, the steps.
 *
 * @module
 */
import { loadModel } from "../../../core/models/formats/load_model.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { extractTiny, tinyDataset } from "../distill/tiny_experiment.ts";
import { tinySweep } from "./tiny_sweep.ts";

const [folder, path, steps] = Deno.args;
const dataset = await tinyDataset();
const teacher = await loadModel(`${folder}/teacher`);
const experiment = { folder, dataset, teacher, cache: `${folder}/features` };
const store = await extractTiny(experiment);

await sweep({
  ...tinySweep(experiment, store, path),
  onProgress: (done) => {
    if (done >= Number(steps)) Deno.kill(Deno.pid, "SIGKILL");
  },
});

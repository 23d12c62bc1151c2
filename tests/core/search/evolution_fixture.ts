/**
 * Evolves students of bars in a process of its own, which kills itself, as `kill -9` would,
 * before one epoch of one trial; for evolution_test.ts.
 *
 * Arguments: the study's path, and where it ends, the trial's number among those that this
 * process trains, and the epoch.
 *
 * @module
 */
import { search } from "../../../core/search/search.ts";
import { fakeBreeder, fakeEvolving } from "./fake_evolution.ts";

const [path, last, end] = Deno.args;
let trained = 0;
const breeder = fakeBreeder((_, epoch) => {
  if (epoch === 1) trained++;
  if (trained === Number(last) && epoch === Number(end)) {
    Deno.kill(Deno.pid, "SIGKILL");
  }
});

await search(fakeEvolving(path, breeder));

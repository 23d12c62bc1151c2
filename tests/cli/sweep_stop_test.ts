import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { startIn } from "./start_process.ts";
import {
  freshExperiment,
  readTrials,
  runIn,
  SWEEP,
  TINY,
} from "./tiny_experiment.ts";

/**
 * Four cohorts of four students, over more epochs, so that some are done while
 * others are not, on a quick machine and on a busy one.
 */
const LONG = SWEEP.map((arg) =>
  arg === "1,2" ? "1,2,3,4" : arg === "3" ? "20" : arg
);
const TRIALS = 16;

const ignore = Deno.build.os === "windows";

/** What of a study's trials doesn't depend on the clock. */
function resultsOf(folder: string) {
  return readTrials(`${folder}/studies/default/study.db`)
    .map(({ finished: _, ...rest }) => rest);
}

Deno.test({
  name:
    "sweep survives kill -9 and Ctrl-C: it goes on, trains nothing twice, and ends as if never stopped",
  ignore,
  async fn() {
    const folder = await freshExperiment();
    const path = `${folder}/studies/default/study.db`;
    const killed = startIn(folder, LONG);
    // A row is there as soon as its student is done, while others are not.
    await killed.until(() => killed.stdout().includes("hidden 2"));
    killed.kill("SIGKILL");
    await killed.end();
    const done = readTrials(path).filter(({ state }) => state === "done");
    assert(done.length > 0 && done.length < TRIALS, `${done.length} were done`);

    const stopped = startIn(folder, [...LONG, "--json"]);
    await stopped.until(() => stopped.stderr().includes("wasm: asked for"));
    await new Promise((wake) => setTimeout(wake, 500));
    stopped.kill("SIGINT");
    const { code, stdout, stderr } = await stopped.end();
    assertEquals([code, stdout], [130, ""]);
    assertStringIncludes(stderr, "retort: interrupted: saving what is done");

    const finished = await runIn(folder, LONG);
    assertEquals(finished.code, 0, finished.stderr);
    const rows = finished.stdout.match(/^hidden \d.*validation/gm) ?? [];
    assert(rows.length > 0 && rows.length <= TRIALS - done.length);
    const kept = new Set(readTrials(path).map(({ finished }) => finished));
    for (const trial of done) assert(kept.has(trial.finished));
    const whole = await freshExperiment();
    assertEquals((await runIn(whole, LONG)).code, 0);
    assertEquals(resultsOf(folder), resultsOf(whole));
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(whole, { recursive: true });
  },
});

Deno.test("sweep records what fails, goes on with the rest, and tries again when told to", async () => {
  const folder = await freshExperiment();
  const path = `${folder}/studies/default/study.db`;
  const args = ["sweep", ...TINY, "--hidden", "2", "--loss", "logit-mse"];
  const sweep = [...args, "--seeds", "1,2"];
  assertEquals((await runIn(folder, sweep)).code, 0);
  const [first, second] = readTrials(path);
  {
    using database = new DatabaseSync(path);
    database.exec(
      "UPDATE trial SET state = 'failed', error = 'the device was lost' WHERE seed = 2",
    );
  }
  const failed = await runIn(folder, sweep);
  assertEquals(failed.code, 1);
  assertStringIncludes(
    failed.stderr,
    'retort: Cannot finish the study default: every trial must be done: 1 failed, the first with "the device was lost"; ',
  );
  assertStringIncludes(failed.stdout, "\nReport: studies/default/report.html");
  const retried = await runIn(folder, [...sweep, "--retry-failed"]);
  assertEquals(retried.code, 0, retried.stderr);
  const [kept, again] = readTrials(path);
  assertEquals(kept, first);
  assertEquals({ ...again, finished: second.finished }, second);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("sweep says why where every trial fails", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(folder, [
    ...["sweep", ...TINY].map((arg) => arg === "adam" ? "sgd" : arg)
      .map((arg) => arg === "0.005" ? "100" : arg),
    ...["--hidden", "2", "--loss", "logit-mse", "--seeds", "1"],
  ]);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "hidden 2, dropout 0.2, logit-mse, seed 1: failed: Cannot go on training",
  );
  assertStringIncludes(
    stderr,
    'retort: Cannot report on studies/default/study.db: at least one of its trials must be done: 1 failed, the first with "Cannot go on training',
  );
  await Deno.remove(folder, { recursive: true });
});

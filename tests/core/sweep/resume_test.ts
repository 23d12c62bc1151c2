import { assert, assertEquals, assertRejects } from "@std/assert";
import { listStudents } from "../../../core/sweep/search_space.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import {
  listCheckpoints,
  readFindings,
  readStates,
  STEPS,
  TINY_SPACE,
  tinySweep,
} from "./tiny_sweep.ts";

const experiment = await makeTinyExperiment();
const { folder } = experiment;
const store = await extractTiny(experiment);
const whole = `${folder}/whole.db`;
const details = await sweep(tinySweep(experiment, store, whole));

const DONE = "2 logit-mse 1: done|5 logit-mse 1: done|9 logit-mse 1: done|" +
  "2 logit-mse 2: done|5 logit-mse 2: done|9 logit-mse 2: done";

/** Sweeps into a new folder; records what is told. */
async function sweepAgain(path: string, change = {}) {
  const trials: string[] = [];
  const steps: number[] = [];
  const result = await sweep({
    ...tinySweep(experiment, store, path),
    onTrial: ({ hidden, seed }) => trials.push(`${hidden} ${seed}`),
    onProgress: (done) => steps.push(done),
    ...change,
  });
  return { result, trials, steps };
}

Deno.test("sweep trains every student and reports on all", () => {
  assertEquals(readStates(whole).join("|"), DONE);
  const { result, groups, curves, failures } = details;
  assertEquals(result.students.length, 6);
  assertEquals(groups.map(({ hidden, seeds }) => [hidden, seeds]), [
    [2, [1, 2]],
    [5, [1, 2]],
    [9, [1, 2]],
  ]);
  assertEquals(curves.map(({ epochs }) => epochs.length), Array(6).fill(6));
  assertEquals(failures, []);
  assertEquals(listCheckpoints(whole), []);
});

Deno.test("sweep never trains a finished student again", async () => {
  const found = readFindings(whole);
  const { result, trials, steps } = await sweepAgain(whole);
  assertEquals([trials, steps], [[], []]);
  assertEquals(result.result.students, details.result.students);
  assertEquals(readFindings(whole), found);
});

/** The steps at which a sweep is killed, what it has done, what is left to do. */
const KILLS: [number, string[], string[]][] = [
  [12, [], ["2 1", "5 1", "9 1", "2 2", "5 2", "9 2"]],
  [STEPS + 24, ["2 1", "5 1", "9 1"], ["2 2", "5 2", "9 2"]],
];

for (const [steps, done, left] of KILLS) {
  Deno.test(`a sweep, killed at step ${steps} of ${2 * STEPS} and resumed, ends as if never killed`, async () => {
    const subfolder = await Deno.makeTempDir({ dir: folder });
    const path = `${subfolder}/study.db`;
    const fixture = new URL("sweep_fixture.ts", import.meta.url).pathname;
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { signal, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--config",
        config,
        fixture,
        folder,
        path,
        `${steps}`,
      ],
    }).output();
    assertEquals(signal, "SIGKILL", new TextDecoder().decode(stderr));
    assertEquals(
      readFindings(path).map(({ hidden, seed }) => `${hidden} ${seed}`),
      done,
    );
    assertEquals(listCheckpoints(path).length, 1, "of the cohort under way");

    const resumed = await sweepAgain(path);
    assertEquals(resumed.trials, left);
    assertEquals(resumed.result.result.students.length, 6);
    assertEquals(readFindings(path), readFindings(whole));
    assertEquals(resumed.steps[0] > 12, true, "it went on from its checkpoint");
    assertEquals(listCheckpoints(path), []);
  });
}

Deno.test("a sweep, aborted in mid-cohort and resumed, ends as if never stopped", async () => {
  const path = `${await Deno.makeTempDir({ dir: folder })}/study.db`;
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const error = await assertRejects(() =>
    sweepAgain(path, {
      signal: controller.signal,
      onProgress: (done: number) => {
        if (done >= STEPS + 12) controller.abort(reason);
      },
    })
  );
  assertEquals(error, reason);
  assertEquals(
    readStates(path).map((state) => state.replace(/.*: /, "")),
    ["done", "done", "done", "planned", "planned", "planned"],
  );
  const { trials } = await sweepAgain(path);
  assertEquals(trials, ["2 2", "5 2", "9 2"]);
  assertEquals(readFindings(path), readFindings(whole));
});

Deno.test("a stopped sweep, resumed with more students, leaves no checkpoint of the old cohort", async () => {
  const path = `${await Deno.makeTempDir({ dir: folder })}/study.db`;
  const controller = new AbortController();
  await assertRejects(() =>
    sweepAgain(path, {
      students: listStudents({ ...TINY_SPACE, seeds: [1] }),
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("Ctrl-C")),
    })
  );
  assertEquals(listCheckpoints(path).length, 1);
  const students = listStudents({ ...TINY_SPACE, hidden: [3], seeds: [1] });
  const { trials } = await sweepAgain(path, { students });
  assertEquals(trials, ["9 1", "2 1", "5 1", "3 1"]);
  assertEquals(listCheckpoints(path), []);
  const findings = readFindings(path).filter(({ hidden }) => hidden !== 3);
  const before = readFindings(whole).filter(({ seed }) => seed === 1);
  assert(
    findings.every((trial, index) =>
      trial.test.accuracy === before[index].test.accuracy
    ),
  );
});

Deno.test("a sweep comes to the same with one worker, two or three, its cohort cut or not", async () => {
  const space = { ...TINY_SPACE, hidden: [3, 5, 8, 13, 17], seeds: [1] };
  const students = listStudents(space);
  const findings = [];
  for (const workers of [1, 2, 3]) {
    const path = `${await Deno.makeTempDir({ dir: folder })}/study.db`;
    const { trials } = await sweepAgain(path, { students, workers });
    assertEquals(trials.length, 5);
    const sorted = readFindings(path);
    findings.push(sorted);
  }
  assertEquals(findings[1], findings[0]);
  assertEquals(findings[2], findings[0]);
});

Deno.test("a sweep, killed between two cohorts of one seed, ends as if never killed", async () => {
  const space = { ...TINY_SPACE, hidden: [3, 5, 8, 13, 17], seeds: [1] };
  const students = listStudents(space);
  const whole = `${await Deno.makeTempDir({ dir: folder })}/study.db`;
  const { trials } = await sweepAgain(whole, { students });
  const path = `${await Deno.makeTempDir({ dir: folder })}/study.db`;
  const controller = new AbortController();
  await assertRejects(() =>
    sweepAgain(path, {
      students,
      signal: controller.signal,
      onProgress: (done: number) => {
        if (done >= STEPS) controller.abort(new Error("Ctrl-C"));
      },
    })
  );
  // Of the second nothing is left: it is planned again, and must not be cut further.
  for (const name of listCheckpoints(path)) {
    await Deno.remove(path.replace(/[^/]*$/, name));
  }
  const again = await sweepAgain(path, { students });
  assert(again.trials.length > 0 && again.trials.length < trials.length);
  assertEquals(readFindings(path), readFindings(whole));
});

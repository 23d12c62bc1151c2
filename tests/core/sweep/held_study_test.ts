import { assert, assertEquals, assertMatch } from "@std/assert";
import { openStudy } from "../../../core/sweep/study.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import { readFindings, readStates, tinySweep } from "./tiny_sweep.ts";

const experiment = await makeTinyExperiment();
const { folder } = experiment;
const store = await extractTiny(experiment);

/**
 * Starts another program that has the study at `path` for itself, `whole` or but for
 * reading, for `milliseconds`; returns once it has.
 */
function holdStudy(
  path: string,
  { whole, milliseconds }: { whole: boolean; milliseconds: number },
): Promise<Deno.CommandStatus> {
  const mark = `${path}.held-${milliseconds}-${whole}`;
  const program = `
    import { DatabaseSync } from "node:sqlite";
    const database = new DatabaseSync(${JSON.stringify(path)});
    if (${whole}) database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN IMMEDIATE; UPDATE setting SET value = value");
    Deno.writeTextFileSync(${JSON.stringify(mark)}, "");
    setTimeout(() => {
      database.exec("COMMIT");
      database.close();
    }, ${milliseconds});
  `;
  const { status } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", program],
  }).spawn();
  // Without a turn of the event loop: nothing of the sweep may happen meanwhile.
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0;; tries++) {
    try {
      Deno.statSync(mark);
      return status;
    } catch (error) {
      if (tries === 1000) throw error;
      Atomics.wait(clock, 0, 0, 10);
    }
  }
}

Deno.test("a study that another program holds is waited for, with a word: as it is opened, and as it is written", async () => {
  const undisturbed = `${folder}/undisturbed.db`;
  await sweep(tinySweep(experiment, store, undisturbed));

  const path = `${folder}/held.db`;
  await sweep({ ...tinySweep(experiment, store, path), students: [] })
    .catch(() => {}); // Nothing is done yet: there is a study, that is all.
  const told: string[] = [];
  const first = holdStudy(path, { whole: true, milliseconds: 2000 });
  let second: ReturnType<typeof holdStudy> | undefined;
  await sweep({
    ...tinySweep(experiment, store, path),
    onWait: (message) => told.push(message),
    onTrial: () =>
      second ??= holdStudy(path, { whole: false, milliseconds: 4000 }),
  });
  assertEquals([(await first).code, (await second)?.code], [0, 0]);
  assertEquals(told.length, 2);
  for (const message of told) {
    assertMatch(
      message,
      /^waiting for \S+held\.db: another program holds it; for 29 s more at the most$/,
    );
  }
  assertEquals(
    readFindings(path).map(withoutTime),
    readFindings(undisturbed).map(withoutTime),
  );
});

function withoutTime<Found extends object>(found: Found) {
  return { ...found, finished: undefined };
}

Deno.test("a study that is held too long ends the run with the remedy, and its trials stay planned", async () => {
  const path = `${folder}/long.db`;
  await sweep({ ...tinySweep(experiment, store, path), students: [] })
    .catch(() => {});
  const holder = holdStudy(path, { whole: true, milliseconds: 1500 });
  let thrown: unknown;
  try {
    openStudy(path, undefined, { patience: 300 });
  } catch (error) {
    thrown = error;
  }
  assert(
    `${thrown}`.includes(
      "another program is using it; close that and run again",
    ),
    `${thrown}`,
  );
  await holder;
  assertEquals(readStates(path), []);
});

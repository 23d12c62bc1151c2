import { assert, assertEquals, assertMatch } from "@std/assert";
import { openStudy } from "../../../core/study/study.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import { readFindings, readStates, tinySweep } from "../sweep/tiny_sweep.ts";

const experiment = await makeTinyExperiment();
const { folder } = experiment;
const store = await extractTiny(experiment);

/** Another program that has a study for itself. */
interface Holder {
  /** Lets it go; resolves with the program's exit code. */
  release(): Promise<number>;
}

/**
 * Starts another program that has the study at `path` for itself, `whole` or but for
 * reading, until it is told to let it go; returns once it has.
 */
function holdStudy(path: string, { whole }: { whole: boolean }): Holder {
  const mark = Deno.makeTempFileSync({ dir: folder, suffix: ".held" });
  const program = `
    import { DatabaseSync } from "node:sqlite";
    const database = new DatabaseSync(${JSON.stringify(path)});
    if (${whole}) database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN IMMEDIATE; UPDATE setting SET value = value");
    Deno.writeTextFileSync(${JSON.stringify(mark)}, "held");
    for (let tries = 0; tries < 6000; tries++) {
      await new Promise((wake) => setTimeout(wake, 10));
      if (Deno.readTextFileSync(${JSON.stringify(mark)}) === "over") break;
    }
    database.exec("COMMIT");
    database.close();
  `;
  const { status } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", program],
  }).spawn();
  // Without a turn of the event loop: nothing of the sweep may happen meanwhile.
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; Deno.readTextFileSync(mark) !== "held"; tries++) {
    if (tries === 3000) throw new Error("The study must be held: it is not");
    Atomics.wait(clock, 0, 0, 10);
  }
  return {
    async release() {
      Deno.writeTextFileSync(mark, "over");
      return (await status).code;
    },
  };
}

Deno.test("a study that another program holds is waited for, with a word: as it is opened, and as it is written", async () => {
  const undisturbed = `${folder}/undisturbed.db`;
  await sweep(tinySweep(experiment, store, undisturbed));

  const path = `${folder}/held.db`;
  await sweep({ ...tinySweep(experiment, store, path), students: [] })
    .catch(() => {}); // Nothing is done yet: there is a study, that is all.
  const told: string[] = [];
  const codes: Promise<number>[] = [];
  let holder = holdStudy(path, { whole: true });
  await sweep({
    ...tinySweep(experiment, store, path),
    onWait(message) {
      told.push(message);
      codes.push(holder.release());
    },
    onTrial({ hidden, seed }) {
      // The first of all: what is recorded next is the second cohort.
      if (hidden === 2 && seed === 1) {
        holder = holdStudy(path, { whole: false });
      }
    },
  });
  assertEquals(await Promise.all(codes), [0, 0]);
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
  const holder = holdStudy(path, { whole: true });
  let thrown: unknown;
  try {
    openStudy(path, SWEEP_FORMAT, { patience: 300 });
  } catch (error) {
    thrown = error;
  }
  assert(
    `${thrown}`.includes(
      "another program is using it; close that and run again",
    ),
    `${thrown}`,
  );
  assertEquals(await holder.release(), 0);
  assertEquals(readStates(path), []);
});

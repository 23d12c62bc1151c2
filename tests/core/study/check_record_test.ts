import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { exportStudent } from "../../../core/sweep/export_student.ts";
import { openStudy } from "../../../core/study/study.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { summariseStudy } from "../../../core/sweep/summarise_study.ts";
import { listFinishedTrials, listTrials } from "../../../core/sweep/trials.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import { readFindings, TINY_SPACE, tinySweep } from "../sweep/tiny_sweep.ts";

const experiment = await makeTinyExperiment();
const store = await extractTiny(experiment);
const path = `${experiment.folder}/study.db`;
const options = tinySweep(experiment, store, path, {
  ...TINY_SPACE,
  hidden: [2],
});
await sweep(options);
const whole = readFindings(path);

/** Changes the study by SQL. */
function change(statement: string): void {
  using database = new DatabaseSync(path);
  database.exec(statement);
}

/** One byte of a blob of trial 1, another. */
function flipByte(column: string, place: number): string {
  const rest = `substr(${column}, 1, ${place}) || x'07' || substr(${column}, ${
    place + 2
  })`;
  return `UPDATE trial SET ${column} = CAST(${rest} AS BLOB) WHERE id = 1`;
}

/** Sweeps again; gives what is told, and the trials that are trained. */
async function sweepAgain() {
  const notes: string[] = [];
  const seeds: number[] = [];
  await sweep({
    ...options,
    onNote: (note) => notes.push(note),
    onTrial: ({ seed }) => seeds.push(seed),
  });
  return { notes, seeds };
}

Deno.test("a trial whose record has changed in any column is refused", async () => {
  const bytes = await Deno.readFile(path);
  for (
    const statement of [
      ...[
        "parameters",
        "seconds",
        "best_epoch",
        "validation_accuracy",
        "validation_loss",
        "test_accuracy",
        "test_loss",
        "hidden",
        "dropout",
        "seed",
      ].map((name) => `UPDATE trial SET ${name} = ${name} + 3 WHERE id = 1`),
      flipByte("predictions", 7),
      "UPDATE trial SET predictions = NULL WHERE id = 1",
      "UPDATE curve SET training_loss = training_loss + 1 WHERE trial = 1 AND epoch = 2",
      "DELETE FROM curve WHERE trial = 1 AND epoch = 6",
    ]
  ) {
    change(statement);
    {
      using study = openStudy(path);
      assertThrows(
        () => listFinishedTrials(study),
        SyntaxError,
        "trial 1 must be what was recorded",
      );
    }
    await Deno.writeFile(path, bytes);
    assertEquals(readFindings(path), whole, statement);
  }
});

for (
  const [what, statement] of [
    ["record", "UPDATE trial SET test_accuracy = 1 WHERE id = 1"],
    ["weights", flipByte("weights", 900)],
    ["name of a weight", flipByte("weights", 70)],
    ["want of weights", "UPDATE trial SET weights = NULL WHERE id = 1"],
  ]
) {
  Deno.test(`a trial whose ${what} has changed is trained again, with a word`, async () => {
    change(statement);
    if (what !== "record") {
      using study = openStudy(path);
      const [trial] = listTrials(study);
      assertThrows(
        () => exportStudent(study, trial, experiment.teacher),
        SyntaxError,
        "trial 1",
      );
    }
    const { notes, seeds } = await sweepAgain();
    assertEquals([notes.length, seeds], [1, [1]]);
    assert(notes[0].startsWith("trial 1 is trained again: "), notes[0]);
    assertEquals(readFindings(path), whole);
    assertEquals(await sweepAgain(), { notes: [], seeds: [] });
  });
}

/** An entry of the study's settings as it is kept: JSON. */
function entryText(key: string): string {
  using database = new DatabaseSync(path);
  const row = database
    .prepare("SELECT value FROM setting WHERE key = ?").get(key);
  return String(row?.value);
}

/** Keeps a plan, as a study does until all of it is done. */
function keepPlan(): void {
  using study = openStudy(path);
  study.writeSetting("cohorts", [[1], [2]]);
}

function writeEntryText(key: string, text: string): void {
  using database = new DatabaseSync(path);
  database.prepare("UPDATE setting SET value = ? WHERE key = ?")
    .run(text, key);
}

/** `text` with the character at `place` another. */
function changeCharacter(text: string, place: number): string {
  const code = text.charCodeAt(place) ^ (1 + place % 7);
  return text.slice(0, place) + String.fromCharCode(code) +
    text.slice(place + 1);
}

for (const key of ["setting", "context", "cohorts", "record of trial 1"]) {
  Deno.test(`the study's ${key} with any character changed is refused`, () => {
    keepPlan();
    const text = entryText(key);
    for (
      let place = 0;
      place < text.length;
      place += text.length < 300 ? 1 : 3
    ) {
      writeEntryText(key, changeCharacter(text, place));
      using study = openStudy(path);
      assertThrows(
        () => study.readSetting(key),
        SyntaxError,
        `its ${key} must be what was written`,
      );
    }
    writeEntryText(key, text);
  });
}

Deno.test("a context and a plan that have changed are made again, with a word", async () => {
  keepPlan();
  for (const key of ["context", "cohorts"]) {
    writeEntryText(key, changeCharacter(entryText(key), 1));
  }
  {
    using study = openStudy(path);
    assertThrows(() => summariseStudy(study), SyntaxError, "its context must");
  }
  const { notes, seeds } = await sweepAgain();
  assertEquals([notes.length, seeds], [2, []]);
  assert(notes[0].startsWith("the study's time is counted anew: "), notes[0]);
  assert(notes[1].startsWith("cohorts are planned anew: "), notes[1]);
  using study = openStudy(path);
  assertEquals(summariseStudy(study).result.students.length, 2);
});

Deno.test("a study from before there were checksums gives what it gave", () => {
  change("DELETE FROM setting WHERE key NOT IN ('setting', 'context')");
  assertEquals(readFindings(path), whole);
  using study = openStudy(path);
  assertEquals(summariseStudy(study).result.students.length, 2);
});

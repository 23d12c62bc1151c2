import { assert, assertEquals, assertThrows } from "@std/assert";
import { exportStudent } from "../../../core/sweep/export_student.ts";
import { openStudy } from "../../../core/sweep/study.ts";
import { sweep } from "../../../core/sweep/sweep.ts";
import { listFinishedTrials, listTrials } from "../../../core/sweep/trials.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import { readFindings, TINY_SPACE, tinySweep } from "./tiny_sweep.ts";

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
  using study = openStudy(path);
  study.database.exec(statement);
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

Deno.test("a study from before there were checksums gives what it gave", () => {
  change("DELETE FROM setting WHERE key LIKE 'checksum%'");
  assertEquals(readFindings(path), whole);
});

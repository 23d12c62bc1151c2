import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { search } from "../../../core/search/search.ts";
import { SEARCH_FORMAT } from "../../../core/study/study_format.ts";
import {
  listFinishedSearchTrials,
  readTrialFile,
} from "../../../core/search/search_trials.ts";
import { openStudy } from "../../../core/study/study.ts";
import { fakeSearch, fakeTrainer } from "./fake_search.ts";

const path = `${await Deno.makeTempDir()}/search.db`;

/** Searches on; gives what is told, and the epochs that are trained. */
async function searchOn() {
  const notes: string[] = [];
  const { train, ran } = fakeTrainer();
  const { trials } = await search({
    ...fakeSearch(path, { train }),
    onNote: (note) => notes.push(note),
  });
  return { notes, ran, trials: trials.length };
}

/** Changes the study by SQL. */
function change(statement: string): void {
  using database = new DatabaseSync(path);
  database.exec(statement);
}

await searchOn();
const bytes = await Deno.readFile(path);

for (
  const statement of [
    ...["parameters", "validation_accuracy", "test_accuracy"]
      .map((name) => `UPDATE trial SET ${name} = ${name} + 1 WHERE id = 2`),
    "UPDATE trial SET dram = CAST(x'52' || substr(dram, 2) || x'00' AS BLOB) WHERE id = 2",
    "UPDATE curve SET validation_loss = 0.1234 WHERE trial = 2 AND epoch = 3",
    "DELETE FROM curve WHERE trial = 2 AND epoch = 1",
  ]
) {
  Deno.test(`a search's trial is refused, then trained again with a word, after ${statement}`, async () => {
    change(statement);
    {
      using study = openStudy(path, SEARCH_FORMAT);
      for (
        const read of [
          () => listFinishedSearchTrials(study),
          () => readTrialFile(study, { id: 2, state: "done" }),
        ]
      ) {
        assertThrows(
          read,
          SyntaxError,
          "trial 2 must be what was recorded: its checksum is another; `deno task search --resume` trains it again",
        );
      }
    }
    const { notes, ran } = await searchOn();
    assertEquals([notes.length, ran.length], [1, 4]);
    assert(notes[0].startsWith("trial 2 is trained again: "), notes[0]);
    const { notes: later, ran: rest } = await searchOn();
    assertEquals([later, rest], [[], []]);
    await Deno.writeFile(path, bytes);
  });
}

for (const name of ["bits", "rate_penalty", "seed", "estimated_bytes"]) {
  Deno.test(`a search's trial whose ${name} has changed is refused`, async () => {
    change(`UPDATE trial SET ${name} = ${name} + 7 WHERE id = 2`);
    {
      using study = openStudy(path, SEARCH_FORMAT);
      assertThrows(
        () => listFinishedSearchTrials(study),
        SyntaxError,
        "trial 2 must be what was recorded",
      );
    }
    await Deno.writeFile(path, bytes);
  });
}

Deno.test("a search from before there were checksums gives what it gave", async () => {
  change("DELETE FROM setting WHERE key LIKE '%record of %'");
  assertEquals(await searchOn(), { notes: [], ran: [], trials: 6 });
});

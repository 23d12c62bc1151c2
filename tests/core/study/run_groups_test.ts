import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { search } from "../../../core/search/search.ts";
import type { TrainCandidate } from "../../../core/search/train_candidate.ts";
import { fakeSearch, fakeTrainer } from "../search/fake_search.ts";

/** Lets `body` have a folder of its own. */
async function withFolder(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await body(folder);
  await Deno.remove(folder, { recursive: true });
}

/** Trials and epochs of the study at `path`, all but times. */
function readRows(path: string) {
  using database = new DatabaseSync(path);
  const trials = database.prepare("SELECT * FROM trial ORDER BY id").all();
  return [
    trials.map((trial) => ({ ...trial, finished: null })),
    database.prepare("SELECT * FROM curve ORDER BY trial, epoch").all(),
  ];
}

function statesOf(path: string): unknown[] {
  using database = new DatabaseSync(path);
  return database.prepare("SELECT state FROM trial ORDER BY id").all()
    .map(({ state }) => state);
}

/** `value` as it is after a message of text to another machine. */
function mail<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("a runner gets and tells plain data: through messages of JSON a study comes to the same", () =>
  withFolder(async (folder) => {
    const [here, afar] = [`${folder}/here.db`, `${folder}/afar.db`];
    await search(fakeSearch(here, fakeTrainer()));
    const { train } = fakeTrainer();
    const mailed: TrainCandidate = async (task, { signal, onEvent }) => {
      const [folder, ...rest] = Object.values(mail(task.files));
      assert(folder.startsWith(afar) && rest.length === 1);
      return structuredClone(
        await train(mail(task), {
          signal,
          onEvent: (event) => onEvent(mail(event)),
        }),
      );
    };
    await search(fakeSearch(afar, { train: mailed }));
    assertEquals(readRows(afar), readRows(here));
  }));

Deno.test("a study that can't be written while a trial is trained ends the run, and the trial stays planned", () =>
  withFolder(async (folder) => {
    const path = `${folder}/search.db`;
    const { train } = fakeTrainer();
    const odd: TrainCandidate = (task, context) =>
      train(task, {
        ...context,
        onEvent(event) {
          const epochs = event.kind === "epochs"
            ? event.epochs.map((each) => ({ ...each, epoch: 1.5 }))
            : [];
          context.onEvent({ kind: "epochs", epochs });
        },
      });
    await assertRejects(
      () => search(fakeSearch(path, { train: odd })),
      SyntaxError,
      "cannot store REAL value in INTEGER column curve.epoch",
    );
    assertEquals(statesOf(path), new Array(6).fill("planned"));
  }));

Deno.test("trouble of one group is trouble of all: those under way are told to save, and nothing fails", () =>
  withFolder(async (folder) => {
    const path = `${folder}/search.db`;
    let saved = 0;
    const begun = Promise.withResolvers<void>();
    const train: TrainCandidate = async ({ candidate }, { signal }) => {
      if (candidate.layers === "dense2") {
        await begun.promise;
        throw new Deno.errors.NotFound("the features are gone");
      }
      begun.resolve();
      await new Promise((wake) => signal.addEventListener("abort", wake));
      saved++;
      throw signal.reason;
    };
    await assertRejects(
      () => search(fakeSearch(path, { train }, { workers: 2 })),
      Deno.errors.NotFound,
      "the features are gone",
    );
    assertEquals(saved, 1);
    assertEquals(statesOf(path), new Array(6).fill("planned"));
  }));

Deno.test("what a group fails of itself is recorded, and the others go on", () =>
  withFolder(async (folder) => {
    const path = `${folder}/search.db`;
    const { train } = fakeTrainer();
    const failing: TrainCandidate = (task, context) => {
      if (task.candidate.layers !== "dense4") return train(task, context);
      throw new RangeError("Cannot build it");
    };
    const { unfinished } = await search(fakeSearch(path, { train: failing }));
    assertEquals(
      unfinished.map(({ layers, reason }) => [layers, reason]),
      [["dense4", "Cannot build it"], ["dense4", "Cannot build it"]],
    );
    assertEquals(
      statesOf(path),
      ["done", "failed", "done", "done", "failed", "done"],
    );
  }));

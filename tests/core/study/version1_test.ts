/**
 * Studies as Retort kept them before `core/study` was: made by commit 5990404, a sweep
 * stopped in its second cohort, and a search in its ninth trial. `study.json` and
 * `search.json` hold what that commit read from them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { isRecord } from "../../../core/files/json.ts";
import { search } from "../../../core/search/search.ts";
import {
  listSearchEpochs,
  listSearchTrials,
} from "../../../core/search/search_trials.ts";
import { summariseSearch } from "../../../core/search/summarise_search.ts";
import {
  ensureStudy,
  readStudySetting,
} from "../../../core/study/run_study.ts";
import { openStudy } from "../../../core/study/study.ts";
import {
  SEARCH_FORMAT,
  type StudyFormat,
  SWEEP_FORMAT,
} from "../../../core/study/study_format.ts";
import { summariseStudy } from "../../../core/sweep/summarise_study.ts";
import { trainCohorts } from "../../../core/sweep/sweep.ts";
import { listTrials } from "../../../core/sweep/trials.ts";
import { makeBarsStore } from "../bars.ts";
import { FAKE_SPACE, fakeSearch, fakeTrainer } from "../search/fake_search.ts";

const FOLDER = new URL("version1/", import.meta.url);

/** Names of the files that held what was unfinished. */
const CHECKPOINTS = {
  cohort: "study.db.19591a932a7fe031.checkpoint",
  candidates: [
    "search.db.2207122a210dcd95.checkpoint",
    "search.db.59557d7957e1517f.checkpoint",
    "search.db.94bff0e248acdfc8.checkpoint",
  ],
};

/** Lets `body` have a copy of the study called `name`. */
async function withCopy(
  name: string,
  body: (path: string) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/${name}`;
  await Deno.copyFile(new URL(name, FOLDER), path);
  await body(path);
  await Deno.remove(folder, { recursive: true });
}

async function readGolden(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(name, FOLDER)));
}

/** `value` as JSON keeps it. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function schemaOf(path: string) {
  using database = new DatabaseSync(path);
  return [
    database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all(),
    database.prepare("PRAGMA application_id").get(),
    database.prepare("PRAGMA user_version").get(),
  ];
}

function checkpointsOf(path: string): string[] {
  return [...Deno.readDirSync(path.replace(/[^/]*$/, ""))]
    .map(({ name }) => name).filter((name) => name.endsWith(".checkpoint"))
    .sort();
}

/** How the search at `path` trains its candidates. */
function readTraining(path: string): Record<string, unknown> {
  using study = openStudy(path, SEARCH_FORMAT);
  const setting = study.readSetting("setting");
  if (isRecord(setting) && isRecord(setting.training)) return setting.training;
  throw new Error("There must be a setting");
}

const KINDS: [string, StudyFormat][] = [
  ["study.db", SWEEP_FORMAT],
  ["search.db", SEARCH_FORMAT],
];

for (const [name, format] of KINDS) {
  Deno.test(`${name} begun today has version 1's header and tables, letter by letter`, () =>
    withCopy(name, async (path) => {
      const today = await Deno.makeTempDir();
      ensureStudy(`${today}/${name}`, format, {
        teacher: "",
        dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 0 } },
        training: {},
      })[Symbol.dispose]();
      assertEquals(schemaOf(`${today}/${name}`), schemaOf(path));
      await Deno.remove(today, { recursive: true });
    }));
}

Deno.test("a sweep's study of version 1 tells what it told", () =>
  withCopy("study.db", async (path) => {
    using study = openStudy(path);
    assertEquals(
      asJson({ trials: listTrials(study), details: summariseStudy(study) }),
      await readGolden("study.json"),
    );
  }));

Deno.test("a search of version 1 tells what it told", () =>
  withCopy("search.db", async (path) => {
    using study = openStudy(path, SEARCH_FORMAT);
    const trials = listSearchTrials(study);
    const epochs = trials.map(({ id }) =>
      listSearchEpochs(study, id).map(({ epoch, phase }) => `${epoch} ${phase}`)
        .join()
    );
    const result = summariseSearch(study);
    assertEquals(
      asJson({ trials, epochs, result }),
      await readGolden("search.json"),
    );
  }));

Deno.test("a sweep's study of version 1 is gone on with: the same cohort, under the same name", async () => {
  const { teacher, store } = await makeBarsStore();
  await withCopy("study.db", async (path) => {
    using study = openStudy(path);
    const controller = new AbortController();
    const trained: number[] = [];
    const run = (signal?: AbortSignal) =>
      trainCohorts(study, {
        teacher: teacher.spec,
        store,
        training: readStudySetting(study).training,
        backend: "wasm",
        workers: 1,
        onProgress: () => controller.abort(new Error("stop")),
        onTrial: ({ id }) => trained.push(id),
        signal,
      });
    const error: unknown = await run(controller.signal).catch((error) => error);
    assertEquals(error, controller.signal.reason);
    assertEquals(checkpointsOf(path), [CHECKPOINTS.cohort]);
    assertEquals(
      listTrials(study).map(({ state }) => state),
      ["failed", "done", "done", "planned", "planned", "planned"],
    );
    await run();
    assertEquals(trained, [5, 6, 4]);
    assertEquals(
      listTrials(study).map(({ state }) => state),
      ["failed", "done", "done", "failed", "done", "done"],
    );
  });
});

Deno.test("a search of version 1 is gone on with, from files of the same names", () =>
  withCopy("search.db", async (path) => {
    const trainer = fakeTrainer();
    const names: string[] = [];
    const options = fakeSearch(path, {
      train: (task, context) => {
        names.push(...Object.values(task.files));
        return trainer.train(task, context);
      },
    }, { space: { ...FAKE_SPACE, bits: [3, 4] } });
    const { trials, unfinished } = await search({
      ...options,
      training: { ...options.training, ...readTraining(path) },
      retryFailed: true,
    });
    assertEquals([trials.length, unfinished], [12, []]);
    const left = names.map((name) => name.replace(/.*\//, ""));
    for (const name of CHECKPOINTS.candidates) assert(left.includes(name));
  }));

import { assert, assertEquals, assertRejects } from "@std/assert";
import { search } from "../../../core/search/search.ts";
import {
  SEARCH_FORMAT,
  SWEEP_FORMAT,
} from "../../../core/study/study_format.ts";
import {
  listSearchEpochs,
  listSearchTrials,
  readTrialFile,
} from "../../../core/search/search_trials.ts";
import { ensureStudy } from "../../../core/study/run_study.ts";
import { openStudy } from "../../../core/study/study.ts";
import {
  EPOCHS,
  FAKE_SPACE,
  fakeSearch,
  fakeTrainer,
  usualAccuracy,
  withPath,
} from "./fake_search.ts";

const ALL = ["dense2", "dense4", "dense8"];

/** `layers seed: state` of each trial of the study at `path`. */
function statesOf(path: string): string[] {
  using study = openStudy(path, SEARCH_FORMAT);
  return listSearchTrials(study).map(({ layers, seed, state }) =>
    `${layers} ${seed}: ${state}`
  );
}

/** Names of files beside the study that hold unfinished trials. */
function checkpointsOf(path: string): string[] {
  return [...Deno.readDirSync(path.replace(/[^/]*$/, ""))]
    .map(({ name }) => name).filter((name) => name.endsWith(".checkpoint"));
}

Deno.test("search trains every candidate, keeps file and curve, and reports sizes in bytes", () =>
  withPath(async (path) => {
    const result = await search(fakeSearch(path, fakeTrainer()));
    assertEquals(
      result.trials.map(({ layers, seed, bytes }) => [layers, seed, bytes]),
      ALL.flatMap((layers, index) =>
        [1, 2].map((seed) => [layers, seed, 40 + 9 * 2 ** (index + 1) + seed])
      ),
    );
    assertEquals(result.trials[0].compression, 100_000 / 59);
    assertEquals(result.recipes.map(({ seeds }) => seeds), [[1, 2], [1, 2], [
      1,
      2,
    ]]);
    using study = openStudy(path, SEARCH_FORMAT);
    const [trial] = listSearchTrials(study);
    assertEquals(readTrialFile(study, trial), new Uint8Array(59).fill(3));
    assertEquals(
      listSearchEpochs(study, trial.id).map(({ epoch, phase }) => [
        epoch,
        phase,
      ]),
      [[1, "float"], [2, "float"], [3, "quantised"], [4, "quantised"]],
    );
    assertEquals(checkpointsOf(path), []);
  }));

Deno.test("search begins with the smallest, seed by seed", () =>
  withPath(async (path) => {
    const trainer = fakeTrainer();
    const space = { ...FAKE_SPACE, layers: ["dense8", "dense2", "dense4"] };
    await search(fakeSearch(path, trainer, { space }));
    const begun = trainer.ran.filter((line) => line.endsWith(" 1"));
    assertEquals(
      begun,
      [1, 2].flatMap((seed) => ALL.map((each) => `${each} ${seed} 1`)),
    );
  }));

Deno.test("search never trains a finished candidate again, and adds new ones", () =>
  withPath(async (path) => {
    await search(fakeSearch(path, fakeTrainer()));
    const again = fakeTrainer();
    const space = { ...FAKE_SPACE, bits: [3, 4], seeds: [1] };
    const result = await search(fakeSearch(path, again, { space }));
    assertEquals(again.ran.length, 3 * EPOCHS);
    assertEquals(result.trials.length, 6 + 3);
  }));

Deno.test("search trains the float part once for all bits and penalties", () =>
  withPath(async (path) => {
    const trainer = fakeTrainer();
    const space = {
      ...FAKE_SPACE,
      bits: [3, 4],
      ratePenalty: [0, 1],
      seeds: [1],
    };
    await search(fakeSearch(path, trainer, { space }));
    assertEquals(
      trainer.ran.length,
      3 * EPOCHS / 2 + 3 * 4 * EPOCHS / 2,
    );
    using study = openStudy(path, SEARCH_FORMAT);
    for (const { id } of listSearchTrials(study)) {
      assertEquals(listSearchEpochs(study, id).length, EPOCHS);
    }
    assertEquals(checkpointsOf(path), []);
  }));

Deno.test("search, aborted in mid-trial, goes on from the checkpoint of what was under way", () =>
  withPath(async (path) => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const first = fakeTrainer(usualAccuracy, ({ layers, seed }, epoch) => {
      if (layers === "dense8" && seed === 1 && epoch === 3) {
        controller.abort(reason);
      }
    });
    const options = { signal: controller.signal };
    const error = await assertRejects(() =>
      search(fakeSearch(path, first, options))
    );
    assertEquals(error, reason);
    const states = statesOf(path);
    assertEquals(states.filter((state) => state.endsWith("done")).length, 2);
    assertEquals(checkpointsOf(path).length, 1, "of the float part");
    const second = fakeTrainer();
    const { trials } = await search(fakeSearch(path, second));
    assertEquals(trials.length, 6);
    assertEquals(second.ran[0], "dense8 1 3", "what was begun comes first");
    const ran = [...first.ran, ...second.ran];
    assertEquals(ran.toSorted(), [...new Set(ran)].toSorted(), "nothing twice");
    assertEquals(ran.length, 6 * EPOCHS);
  }));

Deno.test("search stops what a smaller one dominates at a rung, and the other seeds of its recipe", () =>
  withPath(async (path) => {
    const trainer = fakeTrainer(({ layers }) =>
      ({ dense2: 0.9, dense4: 0.8, dense8: 0.99 })[layers] ?? 0
    );
    const stopping = { rungs: [2], margin: 0.25 };
    const result = await search(fakeSearch(path, trainer, { stopping }));
    assertEquals(statesOf(path), [
      ...["dense2 1: done", "dense4 1: stopped", "dense8 1: done"],
      ...["dense2 2: done", "dense4 2: stopped", "dense8 2: done"],
    ]);
    assertEquals(
      trainer.ran.filter((line) => line.startsWith("dense4")),
      ["dense4 1 1", "dense4 1 2"],
    );
    assertEquals(result.unfinished.map(({ seed, reason }) => [seed, reason]), [
      [
        1,
        "dominated at epoch 2 by trial 1: dense2, 3 bits, rate penalty 0, seed 1",
      ],
      [
        2,
        "seed 1 was dominated at epoch 2 by trial 1: dense2, 3 bits, rate penalty 0, seed 1",
      ],
    ]);
    assertEquals(result.recipes.map(({ layers }) => layers), [
      "dense2",
      "dense8",
    ]);
    assertEquals(checkpointsOf(path), []);
  }));

Deno.test("search keeps no epoch of a trial that is told after it is stopped", () =>
  withPath(async (path) => {
    const { train } = fakeTrainer(({ layers }) =>
      layers === "dense2" ? 0.9 : 0.8
    );
    const late: typeof train = (task, context) =>
      train(task, {
        ...context,
        onEvent(event) {
          context.onEvent(event);
          if (event.kind !== "epochs" || !context.signal.aborted) return;
          const [epoch] = event.epochs;
          const epochs = [{ ...epoch, epoch: epoch.epoch + 1 }];
          context.onEvent({ kind: "epochs", epochs });
        },
      });
    const stopping = { rungs: [2], margin: 0.25 };
    await search(fakeSearch(path, { train: late }, { stopping }));
    using study = openStudy(path, SEARCH_FORMAT);
    assertEquals(
      listSearchTrials(study).filter(({ state }) => state === "stopped")
        .map(({ id }) => listSearchEpochs(study, id).length),
      [2, 2, 0, 0],
    );
  }));

Deno.test("search without a stopping rule trains to its end what was stopped before", () =>
  withPath(async (path) => {
    const worse = fakeTrainer(({ layers }) => layers === "dense2" ? 0.9 : 0.8);
    const stopping = { rungs: [2], margin: 0.25 };
    const { trials } = await search(fakeSearch(path, worse, { stopping }));
    assertEquals(trials.length, 2);
    const again = fakeTrainer();
    const result = await search(fakeSearch(path, again));
    assertEquals([result.trials.length, result.unfinished], [6, []]);
    assertEquals(again.ran.length, 4 * EPOCHS, "those two ran already");
  }));

Deno.test("search records what fails, goes on with the rest, and tries again when told to", () =>
  withPath(async (path) => {
    const failing = fakeTrainer(usualAccuracy, ({ layers, seed }, epoch) => {
      if (layers === "dense4" && seed === 2 && epoch === 2) {
        throw new Error("Cannot go on: the device was lost");
      }
    });
    const { unfinished, recipes } = await search(fakeSearch(path, failing));
    assertEquals(unfinished.map(({ state, reason }) => [state, reason]), [
      ["failed", "Cannot go on: the device was lost"],
    ]);
    assertEquals(recipes.map(({ layers }) => layers), ["dense2", "dense8"]);
    const idle = fakeTrainer();
    await search(fakeSearch(path, idle));
    assertEquals(idle.ran, []);
    const again = fakeTrainer();
    const retried = await search(
      fakeSearch(path, again, { retryFailed: true }),
    );
    assertEquals(again.ran, ["dense4 2 2", "dense4 2 3", "dense4 2 4"]);
    assertEquals(retried.unfinished, []);
  }));

Deno.test("search keeps the float part of what has failed, also where its sister is done", () =>
  withPath(async (path) => {
    const space = {
      ...FAKE_SPACE,
      layers: ["dense4"],
      bits: [3, 4],
      seeds: [1],
    };
    const failing = fakeTrainer(usualAccuracy, ({ bits }, epoch) => {
      if (bits === 3 && epoch === 3) throw new Error("Cannot go on: no memory");
    });
    await search(fakeSearch(path, failing, { space }));
    assertEquals(statesOf(path), ["dense4 1: failed", "dense4 1: done"]);
    const again = fakeTrainer();
    await search(fakeSearch(path, again, { space, retryFailed: true }));
    assertEquals(again.ran, ["dense4 1 3", "dense4 1 4"]);
    assertEquals(checkpointsOf(path), []);
  }));

Deno.test("search refuses a study that was begun with another training, or by a sweep", () =>
  withPath(async (path) => {
    const options = fakeSearch(path, fakeTrainer());
    await search(options);
    const training = { ...options.training, batchSize: 7 };
    await assertRejects(
      () => search({ ...options, training }),
      Error,
      "it was begun with others",
    );
    const sweeps = path.replace("search.db", "study.db");
    openStudyOfSweep(sweeps);
    await assertRejects(
      () => search({ ...options, path: sweeps }),
      SyntaxError,
      "it must be a study made by `deno task search`",
    );
  }));

function openStudyOfSweep(path: string): void {
  ensureStudy(path, SWEEP_FORMAT, {
    teacher: "",
    dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 0 } },
    training: {},
  })[Symbol.dispose]();
}

Deno.test("search says so where nothing can be trained", () =>
  withPath(async (path) => {
    const failing = fakeTrainer(usualAccuracy, () => {
      throw new Error("Cannot train: no memory");
    });
    await assertRejects(
      () => search(fakeSearch(path, failing)),
      Error,
      "at least one of its trials must be done: 6 ended before, the first with " +
        '"Cannot train: no memory"',
    );
  }));

Deno.test("search tells progress in trials, with the share of those under way", () =>
  withPath(async (path) => {
    const told: number[] = [];
    await search(fakeSearch(path, fakeTrainer(), {
      onProgress: (done, total) => {
        told.push(done);
        assertEquals(total, 6);
      },
    }));
    assertEquals(told.at(-1), 6);
    assert(told.includes(1.25));
    assert(told.every((done, index) => done >= (told[index - 1] ?? 0)));
  }));

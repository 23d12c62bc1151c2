import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  beginEvolution,
  listFounders,
  proposeCandidate,
  readEvolution,
} from "../../../core/search/evolution.ts";
import { recipeKey, recipeOf } from "../../../core/search/candidate.ts";
import { search } from "../../../core/search/search.ts";
import { listSearchTrials } from "../../../core/search/search_trials.ts";
import { modelCost } from "../../../core/models/cost.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { openStudy } from "../../../core/study/study.ts";
import { SEARCH_FORMAT } from "../../../core/study/study_format.ts";
import { fc } from "../../seeded_check.ts";
import { fakeBreeder, fakeEvolution, fakeEvolving } from "./fake_evolution.ts";
import { fakeSearch, fakeTrainer, withPath } from "./fake_search.ts";

const FIXTURE = fileURLToPath(
  new URL("evolution_fixture.ts", import.meta.url),
);

/** Trials and curves of the study at `path`, all but times. */
function readRows(path: string) {
  using database = new DatabaseSync(path);
  return [
    database.prepare(
      `SELECT id, layers, bits, rate_penalty, seed, state, error,
        validation_accuracy, hex(dram) AS dram FROM trial ORDER BY id`,
    ).all(),
    database.prepare("SELECT * FROM curve ORDER BY trial, epoch").all(),
  ];
}

/** What is proposed in the study at `path` as trial `number`, from those before it. */
function proposeAgain(path: string, number: number) {
  using study = openStudy(path, SEARCH_FORMAT);
  const before = listSearchTrials(study).slice(0, number - 1);
  const done = study.listFinished().filter(({ id }) => id < number);
  const evolution = readEvolution(study);
  if (!evolution) throw new Error("There must be an evolution");
  return proposeCandidate(evolution, number, {
    parents: done.map((trial) => ({
      recipe: recipeOf(trial),
      bytes: trial.modelBytes,
      validation: trial.validationAccuracy,
    })),
    pending: [],
    known: new Set(before.map(recipeKey)),
  }, fakeEvolving(path, fakeBreeder()));
}

Deno.test("an evolution begins with its founders, the smallest first, each with a seed of its own", () => {
  const evolution = fakeEvolution();
  const founders = listFounders(evolution, fakeEvolving("", fakeBreeder()));
  const sizes = founders.map(({ estimatedBytes }) => estimatedBytes);
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  assertEquals(evolution.mostBytes, 2 * sizes[3]);
  assertEquals(new Set(founders.map(({ seed }) => seed)).size, 4);
  const other = fakeEvolution({ seed: 2 });
  const [first] = listFounders(other, fakeEvolving("", fakeBreeder()));
  assert(first.seed !== founders[0].seed);
});

Deno.test("an evolution is refused without founders, with fewer trials, with two losses, and with one too large", () => {
  const { founders } = fakeEvolution();
  const setting = fakeEvolving("", fakeBreeder());
  const begin = (
    recipes: typeof founders,
    { trials = 9, mostBytes }: { trials?: number; mostBytes?: number } = {},
  ) => beginEvolution(recipes, { seed: 1, trials, mostBytes }, setting);
  assertThrows(() => begin([]), RangeError, "as many trials as it begins with");
  assertThrows(() => begin(founders, { trials: 3 }), RangeError, "4, or more");
  assertThrows(
    () => begin(founders, { mostBytes: 50 }),
    RangeError,
    "the largest allowed must be that it begins with",
  );
  const loss = { kind: "cross-entropy" } as const;
  assertThrows(
    () => begin([founders[0], { ...founders[1], loss }]),
    RangeError,
    "there must be one loss",
  );
});

Deno.test("every child is buildable, new, and within the limits, whatever its parents are", () => {
  const evolution = fakeEvolution({ trials: 1000 });
  const options = fakeEvolving("", fakeBreeder());
  const { shape: input, classes } = options.dataset;
  const known = new Set(evolution.founders.map(recipeKey));
  const parents = evolution.founders.map((recipe, index) => ({
    ...{ recipe, bytes: 100 + 50 * index, validation: 0.5 + 0.1 * index },
  }));
  for (let number = 5; number <= 250; number++) {
    const state = { parents, pending: [], known };
    const child = proposeCandidate(evolution, number, state, options);
    if (!child) throw new Error("There must be a child");
    const spec = parseLayers(child.layers, { input, classes });
    assert(modelCost(spec).multiplyAdds <= evolution.mostMultiplyAdds);
    assert(child.estimatedBytes <= evolution.mostBytes);
    assert(child.bits >= 1 && child.bits <= 8);
    assert(child.ratePenalty >= 0 && child.ratePenalty <= 1);
    assert(!known.has(recipeKey(child)));
    assertEquals(proposeCandidate(evolution, number, state, options), child);
    known.add(recipeKey(child));
    parents.push({
      recipe: recipeOf(child),
      bytes: child.estimatedBytes,
      validation: 1 - 1 / child.estimatedBytes,
    });
  }
});

Deno.test("with one worker each trial is what is proposed from those before it, and equal seeds give equal trials", () =>
  withPath(async (path) => {
    const { trials } = await search(fakeEvolving(path, fakeBreeder()));
    assertEquals(trials.length, 16);
    using study = openStudy(path, SEARCH_FORMAT);
    const all = listSearchTrials(study);
    assertEquals(new Set(all.map(recipeKey)).size, 16);
    for (const { id, layers, seed } of all.slice(4)) {
      const again = proposeAgain(path, id);
      assertEquals([again?.layers, again?.seed], [layers, seed]);
    }
    await withPath(async (other) => {
      await search(fakeEvolving(other, fakeBreeder()));
      assertEquals(readRows(other), readRows(path));
    });
    await withPath(async (other) => {
      const evolution = fakeEvolution({ seed: 2 });
      await search(fakeEvolving(other, fakeBreeder(), { evolution }));
      assert(
        JSON.stringify(readRows(other)) !== JSON.stringify(readRows(path)),
      );
    });
  }));

Deno.test("failed and stopped trials are no parents, and count as trials", () =>
  withPath(async (path) => {
    const breeder = fakeBreeder(({ layers }) => {
      if (layers.includes("conv")) throw new Error("Cannot train: no luck");
    });
    const { trials, unfinished } = await search(
      fakeEvolving(path, breeder, { stopping: { rungs: [2], margin: 0 } }),
    );
    const failed = unfinished.filter(({ state }) => state === "failed");
    assert(failed.length >= 2 && failed.length < unfinished.length);
    assertEquals(trials.length + unfinished.length, 16);
    using study = openStudy(path, SEARCH_FORMAT);
    for (const { id, layers } of listSearchTrials(study).slice(4)) {
      assertEquals(proposeAgain(path, id)?.layers, layers);
    }
  }));

Deno.test("where all that it begins with fails, an evolution ends and says so", () =>
  withPath(async (path) => {
    const breeder = fakeBreeder(() => {
      throw new Error("Cannot train: no memory");
    });
    await assertRejects(
      () => search(fakeEvolving(path, breeder)),
      Error,
      "at least one of its trials must be done: 4 ended before",
    );
  }));

Deno.test("an evolution that is aborted anywhere, again and again, comes to what it would have", () =>
  withPath(async (path) => {
    await search(fakeEvolving(path, fakeBreeder()));
    const rows = readRows(path);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
        async (ends) =>
          await withPath(async (other) => {
            for (const end of ends) {
              const controller = new AbortController();
              let epochs = 0;
              const breeder = fakeBreeder(() => {
                if (++epochs === end) controller.abort(new Error("stop"));
              });
              const { signal } = controller;
              await search(fakeEvolving(other, breeder, { signal }))
                .catch((error) => assertEquals(error.message, "stop"));
            }
            await search(fakeEvolving(other, fakeBreeder()));
            assertEquals(readRows(other), rows);
          }),
      ),
      { numRuns: 5 },
    );
  }));

Deno.test("an evolution that is killed while it trains founders, then children, comes to what it would have", () =>
  withPath(async (path) => {
    await search(fakeEvolving(path, fakeBreeder()));
    await withPath(async (other) => {
      const run = async (...last: number[]) => {
        const { signal, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            ...["run", "--no-check", "-A", FIXTURE, other],
            ...last.map(String),
          ],
        }).output();
        const text = new TextDecoder().decode(stderr);
        assertEquals(signal, last.length > 0 ? "SIGKILL" : null, text);
      };
      await run(2, 3);
      await run(6, 1);
      await run(3, 4);
      await run();
      assertEquals(readRows(other), readRows(path));
    });
  }));

Deno.test("with more workers as many trials are done, each once, none from what isn't done", () =>
  withPath(async (path) => {
    const breeder = fakeBreeder();
    const { trials } = await search(
      fakeEvolving(path, breeder, { workers: 3 }),
    );
    assertEquals(trials.length, 16);
    assertEquals(new Set(breeder.ran).size, breeder.ran.length);
    using study = openStudy(path, SEARCH_FORMAT);
    assertEquals(new Set(listSearchTrials(study).map(recipeKey)).size, 16);
  }));

Deno.test("an evolution that is asked for more trials goes on as if it had been at once", () =>
  withPath(async (path) => {
    const evolution = fakeEvolution({ trials: 9 });
    await search(fakeEvolving(path, fakeBreeder(), { evolution }));
    assertEquals(readRows(path)[0].length, 9);
    await search(fakeEvolving(path, fakeBreeder()));
    await withPath(async (other) => {
      await search(fakeEvolving(other, fakeBreeder()));
      assertEquals(readRows(path), readRows(other));
    });
  }));

Deno.test("a study is a grid or an evolution, and an evolution goes on as it began", () =>
  withPath(async (path) => {
    await search(fakeEvolving(path, fakeBreeder()));
    const rows = readRows(path);
    const evolution = fakeEvolution({ seed: 2 });
    await assertRejects(
      () => search(fakeEvolving(path, fakeBreeder(), { evolution })),
      Error,
      "must go on from the same students, seed and limits",
    );
    await assertRejects(
      () => search(fakeSearch(path, fakeTrainer())),
      Error,
      "it is evolved, with --evolve",
    );
    // As `--resume` does: it is in the study how.
    const rest = { evolution: undefined };
    await search(fakeEvolving(path, fakeBreeder(), rest));
    assertEquals(readRows(path), rows);
    await withPath(async (other) => {
      await search(fakeSearch(other, fakeTrainer()));
      await assertRejects(
        () => search(fakeEvolving(other, fakeBreeder())),
        Error,
        "it was begun without --evolve",
      );
    });
  }));

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  compareHypervolumes,
  type HypervolumeComparison,
  valueAfter,
} from "../../../core/search/hypervolume.ts";
import { search } from "../../../core/search/search.ts";
import {
  readElapsed,
  recordClock,
  recordElapsed,
} from "../../../core/search/search_clock.ts";
import { openStudy } from "../../../core/study/study.ts";
import { SEARCH_FORMAT } from "../../../core/study/study_format.ts";
import { drawHypervolumes } from "../../../core/charts/hypervolume_steps.ts";
import { marksOf, parseXml } from "../report/parse_xml.ts";
import {
  FAKE_SPACE,
  fakeSearch,
  fakeTrainer,
  usualAccuracy,
} from "./fake_search.ts";

/** Files of 59, 77 and 113 bytes of the searches that are made here. */
const BYTES = [59, 77, 113];
const ACCURACIES = [2, 4, 8].map((units) =>
  usualAccuracy({
    ...{ layers: `dense${units}`, bits: 3, ratePenalty: 0, seed: 1 },
    loss: { kind: "logit-mse" },
  })
);

/** A search of three files, done after `times` seconds, that ended after `end`. */
async function makeSearch(
  name: string,
  { times, end, change }: {
    times: number[];
    end: number;
    change?: Parameters<typeof fakeSearch>[2];
  },
): Promise<string> {
  const path = `${await Deno.makeTempDir()}/search.db`;
  const space = { ...FAKE_SPACE, seeds: [1] };
  await search(fakeSearch(path, fakeTrainer(), { name, space, ...change }));
  using study = openStudy(path, SEARCH_FORMAT);
  times.forEach((time, index) => recordElapsed(study, index + 1, time));
  recordClock(study, end);
  return path;
}

/** What is told of the searches at `paths`. */
function compare(paths: readonly string[]): HypervolumeComparison {
  using opened = new DisposableStack();
  return compareHypervolumes(
    paths.map((path) => opened.use(openStudy(path, SEARCH_FORMAT))),
  );
}

const paths = [
  await makeSearch("grid-1", { times: [10, 20, 30], end: 35 }),
  await makeSearch("grid-2", { times: [20, 40, 60], end: 60 }),
  await makeSearch("evolved", { times: [30, 20, 10], end: 50 }),
];
const comparison = compare(paths);

/** The area of files `first` to `last`, by adding rectangles. */
function areaOf(first: number, last: number): number {
  let area = 0;
  for (let i = first; i <= last; i++) {
    const above = i === first ? 2 / 3 : 1 - ACCURACIES[i - 1];
    const width = Math.log10(2 * BYTES[2] / BYTES[i]);
    area += width * Math.log10(above / (1 - ACCURACIES[i]));
  }
  return area;
}

Deno.test("a search keeps when, on its own clock, each of its trials was done, and goes on counting", async () => {
  const path = `${await Deno.makeTempDir()}/search.db`;
  await search(fakeSearch(path, fakeTrainer()));
  const read = (id: number) => {
    using study = openStudy(path, SEARCH_FORMAT);
    return readElapsed(study, id) ?? NaN;
  };
  const first = [1, 2, 3, 4, 5, 6].map(read);
  assertEquals(first, first.toSorted((a, b) => a - b));
  {
    using study = openStudy(path, SEARCH_FORMAT);
    recordClock(study, 1000);
  }
  const space = { ...FAKE_SPACE, bits: [4], seeds: [1] };
  await search(fakeSearch(path, fakeTrainer(), { space }));
  assertEquals(read(7) > 1000 && read(7) < 1100, true);
});

Deno.test("hypervolume ends at chance, and at twice the bytes of the largest file that none dominates", () => {
  assertAlmostEquals(comparison.reference.bytes, 2 * BYTES[2]);
  assertAlmostEquals(comparison.reference.error, 2 / 3);
});

Deno.test("hypervolume grows when a file is done that adds to it, and by what that adds", () => {
  const [grid, _, evolved] = comparison.studies;
  assertEquals(grid.steps.map(({ seconds }) => seconds), [10, 20, 30]);
  grid.steps.forEach(({ hypervolume }, index) =>
    assertAlmostEquals(hypervolume, areaOf(0, index))
  );
  evolved.steps.forEach(({ hypervolume }, index) =>
    assertAlmostEquals(hypervolume, areaOf(2 - index, 2))
  );
  assertEquals([0, 9.9].map((time) => valueAfter(grid.steps, time)), [0, 0]);
});

Deno.test("searches are compared after the time of the shortest, over those of one way", () => {
  assertEquals(comparison.seconds, 35);
  assertEquals(comparison.ways.map(({ way, studies }) => [way, studies]), [
    ["grid", ["grid-1", "grid-2"]],
    ["evolved", ["evolved"]],
  ]);
  const [grid, evolved] = comparison.ways.map(({ hypervolume }) => hypervolume);
  assertAlmostEquals(grid.mean, (areaOf(0, 2) + areaOf(0, 0)) / 2);
  assertAlmostEquals(evolved.mean, areaOf(0, 2));
  assertEquals([evolved.low, evolved.high], [evolved.mean, evolved.mean]);
});

Deno.test("the chart has a line a search, and a strong one for the mean of each way", () => {
  const svg = drawHypervolumes(comparison);
  const root = parseXml(svg);
  assertEquals(root.children[0].text, "Hypervolume over time");
  for (const name of ["grid-1", "grid-2", "evolved"]) {
    assertEquals(marksOf(root, name).length, 1, name);
  }
  assertEquals(marksOf(root, "grid: mean").length, 1);
  assertEquals(/NaN|Infinity|undefined/.test(svg), false);
});

Deno.test("what can't be compared is refused: other images, trials of an earlier Retort, nothing done", async () => {
  assertThrows(() => compare([]), Error, "there is none");
  const dataset = fakeSearch("", fakeTrainer()).dataset;
  const other = await makeSearch("other", {
    ...{ times: [1, 2, 3], end: 4 },
    change: { dataset: { ...dataset, sha256: { images: "00" } } },
  });
  assertThrows(() => compare([paths[0], other]), Error, "grid-1 and other are");
  const split = await makeSearch("split", {
    ...{ times: [1, 2, 3], end: 4 },
    change: { dataset: { ...dataset, split: { seed: 9, validation: 24 } } },
  });
  assertThrows(() => compare([paths[0], split]), Error, "divided alike");
  const old = await makeSearch("old", { times: [1, 2, 3], end: 4 });
  {
    using database = new DatabaseSync(old);
    database.exec("DELETE FROM setting WHERE key LIKE '%time of trial 2'");
  }
  assertThrows(() => compare([old]), Error, "it hasn't of trial 2");
  {
    using database = new DatabaseSync(old);
    database.exec("UPDATE trial SET state = 'planned'");
  }
  assertThrows(() => compare([old]), Error, "at least one of its trials");
});

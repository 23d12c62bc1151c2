import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { HypervolumeComparison } from "../../core/search/hypervolume.ts";
import type { SearchResult } from "../../core/search/search_result.ts";
import { parseXml } from "../core/report/parse_xml.ts";
import { assertShape } from "./assert_shape.ts";
import { startIn } from "./start_process.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";
import { EVOLUTION, SEARCH } from "./tiny_search.ts";

const folder = await freshExperiment();
const evolved = await runIn(folder, [...EVOLUTION, "--json"]);
const path = `${folder}/studies/evolved/search.db`;

/** Every trial as the study keeps it, in its order, all but when it was done. */
function readTrials(path: string) {
  using database = new DatabaseSync(path);
  return database.prepare(
    `SELECT id, layers, bits, rate_penalty, seed, state, error,
      validation_accuracy, test_accuracy, hex(dram) AS dram
      FROM trial ORDER BY id`,
  ).all();
}

Deno.test("search --evolve trains as many students as asked for, each another one, and prints what a search prints", () => {
  assertEquals(evolved.code, 0, evolved.stderr);
  const result: SearchResult = JSON.parse(evolved.stdout);
  assertEquals(result.study, "evolved");
  assertEquals(result.evolution, { seed: 3, trials: 6, founders: 2 });
  assertEquals(result.trials.length, 6);
  assertEquals(result.recipes.length, 6);
  assertEquals(new Set(result.trials.map(({ seed }) => seed)).size, 6);
  assertEquals(
    readTrials(path).slice(0, 2).map(({ layers, bits }) => [layers, bits]),
    [["pool2,conv3x4,mean", 4], ["pool2,dense8", 4]],
  );
});

Deno.test("search --evolve, run again or resumed, trains nothing", async () => {
  const before = readTrials(path);
  const again = await runIn(folder, EVOLUTION);
  assertEquals(again.code, 0, again.stderr);
  assertMatch(again.stdout, /\nfiles: 6, stopped early: 0, failed: 0\n/);
  const resumed = await runIn(folder, [
    ...["search", "--resume", "--study", "evolved", "--exhaustive"],
    ...["--data", "digits", "--teacher", "teacher", "--backend", "wasm"],
  ]);
  assertEquals(resumed.code, 0, resumed.stderr);
  assertEquals(readTrials(path), before);
  const dry = await runIn(folder, [
    ...["search", "--resume", "--study", "evolved", "--dry-run", "--json"],
    ...["--data", "digits", "--teacher", "teacher"],
  ]);
  const { trials, evolution } = JSON.parse(dry.stdout);
  assertEquals([trials.length, evolution.trials], [0, 6]);
});

Deno.test({
  name:
    "search --evolve survives kill -9, also while it trains what it has bred, and ends as if never stopped",
  ignore: Deno.build.os === "windows",
  async fn() {
    const other = await freshExperiment();
    const file = `${other}/studies/evolved/search.db`;
    for (const trials of [1, 3]) {
      const killed = startIn(other, EVOLUTION);
      await killed.until(() =>
        killed.stdout().split(" bytes, validation ").length > trials
      );
      await new Promise((wake) => setTimeout(wake, 300));
      killed.kill("SIGKILL");
      await killed.end();
    }
    const done = readTrials(file).filter(({ state }) => state === "done");
    assert(done.length >= 3 && done.length < 6, `${done.length} were done`);
    const finished = await runIn(other, EVOLUTION);
    assertEquals(finished.code, 0, finished.stderr);
    assertEquals(readTrials(file), readTrials(path));
    await Deno.remove(other, { recursive: true });
  },
});

Deno.test("report and frontier of an evolved search are those of a search", async () => {
  const report = await runIn(folder, [
    ...["report", "--bytes", "--study", "evolved", "--json"],
  ]);
  assertEquals(report.code, 0, report.stderr);
  const { seconds: _, ...result } = JSON.parse(report.stdout);
  const { seconds: __, ...before } = JSON.parse(evolved.stdout);
  assertEquals(result, before);
  assertMatch(
    await Deno.readTextFile(`${folder}/studies/evolved/search.html`),
    /Found by evolution from 2\s+recipes, seed 3/,
  );
  const frontier = await runIn(folder, [
    ...["frontier", "--bytes", "--study", "evolved", "--accuracy", "0.2"],
    ...["--export", "evolved.dram"],
  ]);
  assertEquals(frontier.code, 0, frontier.stderr);
  const smallest = before.frontier.length > 0
    ? before.trials[0].bytes
    : undefined;
  const { size } = await Deno.stat(`${folder}/evolved.dram`);
  assert(size >= (smallest ?? 0) && size > 0);
});

Deno.test("frontier --hypervolume draws searches over time, and prints them after equal time", async () => {
  for (const seed of ["1", "2"]) {
    const grid = SEARCH.with(SEARCH.indexOf("1,2"), seed);
    const { code, stderr } = await runIn(folder, [
      ...[...grid, "--study", `grid-${seed}`],
    ]);
    assertEquals(code, 0, stderr);
  }
  const line = [
    ...["frontier", "--bytes", "--study", "grid-1,grid-2,evolved"],
    ...["--hypervolume", "both.svg"],
  ];
  const { code, stdout, stderr } = await runIn(folder, [...line, "--json"]);
  assertEquals(code, 0, stderr);
  const comparison: HypervolumeComparison = JSON.parse(stdout);
  assertShape(comparison, {
    reference: { bytes: "number", error: "number" },
    seconds: "number",
    studies: [{
      ...{ study: "string", way: "string", files: "number" },
      ...{ seconds: "number", hypervolume: "number" },
      steps: [{ seconds: "number", hypervolume: "number" }],
    }],
    ways: [{
      way: "string",
      studies: ["string"],
      hypervolume: { mean: "number", low: "number", high: "number" },
    }],
  });
  assertEquals(
    comparison.ways.map(({ way, studies }) => [way, studies.length]),
    [["grid", 2], ["evolved", 1]],
  );
  assertEquals(comparison.studies.map(({ files }) => files), [2, 2, 6]);
  const svg = await Deno.readTextFile(`${folder}/both.svg`);
  assertEquals(parseXml(svg).name, "svg");
  const printed = await runIn(folder, [...line, "--force"]);
  assertMatch(printed.stdout, /\ngrid-2 +2 +\d+ +\d\.\d{3}\n/);
  assertMatch(printed.stdout, /\nevolved +1 +\d\.\d{3}\n/);
  assertMatch(printed.stdout, /\nPlot: both\.svg\n$/);
});

Deno.test("search --evolve --dry-run lists what it begins with, and makes nothing", async () => {
  const { code, stdout, stderr } = await runIn(folder, [
    ...EVOLUTION,
    ...["--study", "dry", "--largest", "900", "--dry-run", "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const { trials, evolution } = JSON.parse(stdout);
  assertEquals(trials.length, 2);
  assertEquals([evolution.trials, evolution.mostBytes], [6, 900]);
});

Deno.test("search refuses what makes no sense with --evolve, and studies of the other kind", async () => {
  const data = ["--data", "digits", "--teacher", "teacher"];
  const cases: [string[], RegExp][] = [
    [[...EVOLUTION, "--seeds", "1,2"], /Cannot use --seeds with --evolve/],
    [["search", ...data, "--largest", "9"], /--largest without --evolve/],
    [[...EVOLUTION, "--resume"], /Cannot use --resume with --layers/],
    [
      ["search", ...data, "--resume", "--evolve", "9"],
      /Cannot use --resume with --evolve/,
    ],
    [
      ["search", ...data, "--evolve", "9", "--loss", "labels,logit-mse"],
      /Cannot use --loss labels,logit-mse with --evolve: there must be one/,
    ],
    [
      EVOLUTION.with(EVOLUTION.indexOf("6"), "1"),
      /there must be as many trials as it begins with, 2, or more/,
    ],
    [
      [...EVOLUTION, "--largest", "9"],
      /the largest allowed must be that it begins with, of about \d+ bytes/,
    ],
    [
      [...EVOLUTION, "--study", "grid-1"],
      /a grid or an evolution: it was begun without --evolve/,
    ],
    [
      [...SEARCH, "--study", "evolved"],
      /a grid or an evolution: it is evolved, with --evolve/,
    ],
    [
      EVOLUTION.with(EVOLUTION.indexOf("3"), "4"),
      /must go on from the same students, seed and limits/,
    ],
    [
      ["frontier", "--hypervolume", "x.svg"],
      /Cannot use --hypervolume without --bytes/,
    ],
    [
      ["frontier", "--bytes", "--hypervolume", "x.svg", "--export", "y"],
      /Cannot use --hypervolume with --export/,
    ],
    [
      ["frontier", "--bytes", "--hypervolume", "x.svg", "--study", "a,a"],
      /each name must be there once/,
    ],
  ];
  const before = readTrials(path);
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await runIn(folder, args);
    assert(code === 1 || code === 2, `${args}: ${code}`);
    assertEquals(stdout, "");
    assertMatch(stderr, message);
  }
  assertEquals(readTrials(path), before);
});

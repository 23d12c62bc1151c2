import { assert, assertEquals, assertMatch } from "@std/assert";
import { DEFAULT_CANDIDATES } from "../../core/search/search_training.ts";
import type { SearchResult } from "../../core/search/search_result.ts";
import { load } from "../../core/infer/load.ts";
import { parseXml } from "../core/report/parse_xml.ts";
import { assertShape, type Shape } from "./assert_shape.ts";
import { startIn } from "./start_process.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";
import { readSearchTrials, SEARCH } from "./tiny_search.ts";

const folder = await freshExperiment();
const searched = await runIn(folder, [...SEARCH, "--json"]);
const path = `${folder}/studies/compact/search.db`;

const RECIPE: Record<string, Shape> = {
  layers: "string",
  bits: "number",
  ratePenalty: "number",
  loss: "string",
  parameters: "number",
};
const ESTIMATE: Shape = { mean: "number", low: "number", high: "number" };
const FILE: Shape = {
  ...RECIPE,
  trial: "number",
  seed: "number",
  bytes: "number",
  compression: "number",
  accuracy: { validation: "number", test: "number" },
  seconds: "number",
};
const GROUP: Shape = {
  ...RECIPE,
  seeds: ["number"],
  bytes: ESTIMATE,
  validation: ESTIMATE,
  test: ESTIMATE,
};

Deno.test("search trains students to files, and prints one JSON document", () => {
  assertEquals(searched.code, 0, searched.stderr);
  const result: SearchResult = JSON.parse(searched.stdout);
  assertShape(result.trials, [FILE]);
  assertShape(result.recipes, [GROUP]);
  assertEquals(result.trials.length, 4);
  assertEquals(result.recipes.map(({ seeds }) => seeds), [[1, 2], [1, 2]]);
  assertEquals(result.recipes.map(({ parameters }) => parameters), [
    50 * 8 + 9 * 10,
    50 * 24 + 25 * 10,
  ]);
  const [small, large] = result.recipes.map(({ validation }) => validation);
  assert(small.mean > 0.2 && large.mean > small.mean);
  assertEquals(
    result.teacher.bytes / result.trials[0].bytes,
    result.trials[0].compression,
  );
});

Deno.test("search keeps files whose length and accuracy are what it reports", () => {
  const result: SearchResult = JSON.parse(searched.stdout);
  for (const { dram, layers, seed } of readSearchTrials(path)) {
    const bytes = Uint8Array.fromHex(String(dram));
    const { spec, labels } = load(bytes);
    assertEquals(labels, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assertEquals(spec.input, [14, 14, 1]);
    const found = result.trials.find((trial) =>
      trial.layers === layers && trial.seed === seed
    );
    assertEquals(found?.bytes, bytes.length);
  }
});

Deno.test("search, run again, trains nothing, and prints tables and a report", async () => {
  const before = readSearchTrials(path);
  const again = await runIn(folder, [
    "search",
    "--resume",
    "--data",
    "digits",
    "--teacher",
    "teacher",
    "--backend",
    "wasm",
  ]);
  assertEquals(again.code, 0, again.stderr);
  assertEquals(readSearchTrials(path), before);
  assertMatch(again.stdout, /\nbytes \[95% interval\] +parameters/);
  assertMatch(again.stdout, /\nfiles: 4, stopped early: 0, failed: 0\n/);
  assertMatch(again.stdout, /\nReport: studies\/compact\/search\.html\n$/);
  for (const name of ["frontier-bytes", "accuracy-by-bytes"]) {
    const svg = await Deno.readTextFile(
      `${folder}/studies/compact/plots/${name}.svg`,
    );
    assertEquals(parseXml(svg).name, "svg");
  }
});

Deno.test("frontier --bytes names the smallest file for each accuracy, and exports it", async () => {
  const { code, stdout, stderr } = await runIn(folder, [
    ...["frontier", "--bytes", "--accuracy", "0.2,0.3,0.9999"],
    ...["--export", "smallest.dram", "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const { frontier, study } = JSON.parse(stdout);
  assertEquals(study, "compact");
  assertShape(frontier[0].file, FILE);
  const smallest = JSON.parse(searched.stdout).trials[0];
  assertEquals([frontier.length, frontier[0].accuracy], [2, 0.2]);
  assertEquals(frontier[0].file, smallest);
  const bytes = await Deno.readFile(`${folder}/smallest.dram`);
  assertEquals(bytes.length, smallest.bytes);
  const evaluated = await runIn(folder, [
    ...["evaluate", "smallest.dram", "--data", "digits", "--json"],
  ]);
  assertEquals(JSON.parse(evaluated.stdout).accuracy, smallest.accuracy.test);
});

Deno.test("report --bytes prints what the search printed, and writes its report anywhere", async () => {
  const args = ["report", "--bytes", "--out", "elsewhere", "--json"];
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals(code, 0, stderr);
  const { seconds: _, ...result } = JSON.parse(stdout);
  const { seconds: __, ...before } = JSON.parse(searched.stdout);
  assertEquals(result, before);
  const page = await Deno.readTextFile(`${folder}/elsewhere/search.html`);
  assertMatch(page, /How small can the file be/);
});

Deno.test("frontier --bytes writes nothing where no file is accurate enough", async () => {
  const { code, stderr } = await runIn(folder, [
    ...["frontier", "--bytes", "--accuracy", "0.9999", "--export", "none"],
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot export a file: one of the search must reach/);
  const none = await runIn(folder, ["frontier", "--bytes", "--study", "none"]);
  assertMatch(
    none.stderr,
    /there is no studies\/none\/search\.db; run `deno task search/,
  );
});

Deno.test({
  name:
    "search survives kill -9 and Ctrl-C: it goes on, trains nothing twice, and ends as if never stopped",
  ignore: Deno.build.os === "windows",
  async fn() {
    const other = await freshExperiment();
    const file = `${other}/studies/compact/search.db`;
    const killed = startIn(other, SEARCH);
    await killed.until(() => killed.stdout().includes("pool2,dense8, 4 bits"));
    killed.kill("SIGKILL");
    await killed.end();
    const done = readSearchTrials(file).filter(({ state }) => state === "done");
    assert(done.length > 0 && done.length < 4, `${done.length} were done`);

    const stopped = startIn(other, [...SEARCH, "--json"]);
    await stopped.until(() => stopped.stderr().includes("wasm: asked for"));
    await new Promise((wake) => setTimeout(wake, 800));
    stopped.kill("SIGINT");
    const { code, stdout } = await stopped.end();
    assertEquals([code, stdout], [130, ""]);

    const finished = await runIn(other, SEARCH);
    assertEquals(finished.code, 0, finished.stderr);
    const after = readSearchTrials(file);
    const kept = new Set(after.map(({ finished }) => finished));
    for (const trial of done) assert(kept.has(trial.finished));
    const strip = ({ finished: _, ...rest }: Record<string, unknown>) => rest;
    assertEquals(after.map(strip), readSearchTrials(path).map(strip));
    const left = [...Deno.readDirSync(`${other}/studies/compact`)]
      .filter(({ name }) => name.endsWith(".checkpoint"));
    assertEquals(left, []);
    await Deno.remove(other, { recursive: true });
  },
});

Deno.test("search refuses what it can't do before it computes anything", async () => {
  const cases: [string[], RegExp][] = [
    [["--layers", "conv9"], /layers must be/],
    [["--layers", "dense4;"], /there must be something between semicolons/],
    [["--family", "plain"], /Cannot use --family without --channels/],
    [["--resume", "--epochs", "3"], /Cannot use --resume with --epochs/],
    [["--resume", "--study", "none"], /Cannot open the search none/],
    [["--temperature", "3", "--loss", "labels"], /without --loss distillation/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runIn(folder, [
      "search",
      "--data",
      "digits",
      "--teacher",
      "teacher",
      ...args,
    ]);
    assert(code === 1 || code === 2, `${args}: ${code}`);
    assertMatch(stderr, message);
  }
});

Deno.test("search --dry-run lists sizes, with a family's members, and makes nothing", async () => {
  const { code, stdout } = await runIn(folder, [
    ...["search", "--dry-run", "--data", "digits", "--teacher", "teacher"],
    ...["--family", "strided", "--channels", "2;2,4", "--seeds", "1"],
    ...["--study", "dry", "--json"],
  ]);
  assertEquals(code, 0);
  const { trials } = JSON.parse(stdout);
  assertEquals(
    trials.map((
      { layers, bits, parameters }: Record<string, unknown>,
    ) => [layers, bits, parameters]),
    DEFAULT_CANDIDATES.bits.flatMap((bits) => [
      ["conv3x2/2:same,mean", bits, 10 * 2 + 3 * 10],
      ["conv3x2/2:same,conv3x4/2:same,mean", bits, 20 + 19 * 4 + 50],
    ]),
  );
});

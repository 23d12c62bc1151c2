import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { load } from "../../core/infer/load.ts";
import type { SiteChart } from "../../site/charts/site_chart.ts";
import type { SiteModels, SiteStudy } from "../../site/site_data.ts";
import { namesIn } from "./model_folder.ts";
import { runIn, tinyExperiment } from "./tiny_experiment.ts";
import { SEARCH } from "./tiny_search.ts";

const folder = await tinyExperiment();
const TINY = ["--data", "digits", "--teacher", "teacher"];
const out = await Deno.makeTempDir();

/** What a site made earlier has left. */
const OLD = "models/hidden-9.0123abcd.dram";
await Deno.mkdir(`${out}/models`);
await Deno.writeTextFile(`${out}/${OLD}`, "old");

const found = await runIn(folder, [...SEARCH, "--study", "small"]);
assertEquals(found.code, 0, found.stderr);
const written = await runIn(folder, [
  ...["site", ...TINY, "--search", "small", "--out", out, "--json"],
]);

function readData<Data>(name: string): Data {
  return JSON.parse(Deno.readTextFileSync(`${out}/data/${name}.json`));
}

Deno.test("site writes a sweep, a search and the teacher, lists its files, and removes those of an earlier one", () => {
  assertEquals(written.code, 0, written.stderr);
  const { files, removed } = JSON.parse(written.stdout);
  assertEquals(removed, [OLD]);
  const there = ["models", "samples", "data"].flatMap((folder) =>
    namesIn(`${out}/${folder}`).map((name) => `${folder}/${name}`)
  );
  assertEquals(files.toSorted(), there.toSorted());
});

Deno.test("every model of the site can be loaded, and its file is named by its hash", () => {
  const { models, made } = readData<SiteModels>("models");
  // Both studies were made by settings of their own, which no such line tells.
  assertEquals(made, [
    "deno task site default --search small --data digits --teacher teacher",
  ]);
  assertEquals(models.map(({ name }) => name).toSorted(), [
    ...["hidden-2", "hidden-24", "labels-2", "labels-24"],
    ...["search-1", "search-2", "search-3", "search-4", "teacher"],
  ]);
  for (const { file, sha256, bytes } of models) {
    assertEquals(file.split(".").at(-2), sha256.slice(0, 8));
    const content = Deno.readFileSync(`${out}${file}`);
    assertEquals(content.length, bytes);
    assertEquals(load(content).labels.length, 10);
  }
});

/** Every text in `value`, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [
    key,
    ...textsIn(each),
  ]);
}

Deno.test("a site of other data speaks of that alone, and names no folder of this machine", () => {
  const { files } = JSON.parse(written.stdout);
  const machine = new URL(`file://${folder}`).pathname.split("/").at(-1)!;
  for (const name of ["charts", "inside", "models", "samples", "study"]) {
    for (const text of textsIn(readData<unknown>(name))) {
      assert(!/mnist/i.test(text), `${name}: ${text.slice(0, 100)}`);
      assert(!text.includes(machine), `${name}: ${text.slice(0, 100)}`);
      assert(
        !text.startsWith("/") || files.includes(text.slice(1)),
        `${name}: ${text.slice(0, 100)}`,
      );
    }
  }
  const { result: { dataset }, images } = readData<SiteStudy>("study");
  assertEquals(dataset.name, "digits");
  assertEquals(images, { shape: [14, 14, 1], classes: 10 });
  for (const { caption } of readData<SiteChart[]>("charts")) {
    assert(!caption.includes("published"), caption);
  }
});

Deno.test("every file of the search has its model, and scores what the search says", () => {
  const { models } = readData<SiteModels>("models");
  const { search, modelOfTrial } = readData<SiteStudy>("study");
  for (const { trial, bytes, accuracy } of search?.trials ?? []) {
    const { model } = modelOfTrial.search
      .find((each) => each.trial === trial) ?? {};
    const served = models.find(({ name }) => name === model);
    assertEquals(served?.bytes, bytes);
    assertEquals(served?.accuracy, accuracy);
  }
});

Deno.test("without a search site says so and goes on; a folder that can't be made stops it before the work", async () => {
  const args = ["site", ...TINY, "--out", "digits/t10k-labels-idx1-ubyte/in"];
  const { code, stderr } = await runIn(folder, args);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "no search: there is no studies/compact/search.db",
  );
  assertStringIncludes(
    stderr,
    "Cannot make folder digits/t10k-labels-idx1-ubyte/in: a part of the path is a file",
  );
  assertEquals(stderr.includes("students"), false, stderr);
});

Deno.test("of other data the usual search isn't taken unasked", async () => {
  const usual = `${folder}/studies/compact`;
  await Deno.mkdir(usual);
  await Deno.writeTextFile(`${usual}/search.db`, "not opened");
  const args = ["site", ...TINY, "--out", "digits/t10k-labels-idx1-ubyte/in"];
  const { stderr } = await runIn(folder, args);
  await Deno.remove(usual, { recursive: true });
  assertStringIncludes(stderr, "no search: of other data it must be named");
  assertStringIncludes(stderr, "Cannot make folder");
});

Deno.test("a study or search that isn't there is told, with what makes it", async () => {
  const none = await runIn(folder, ["site", "none", ...TINY]);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "run `deno task sweep --study none`");
  const search = await runIn(folder, ["site", ...TINY, "--search", "none"]);
  assertEquals(search.code, 1);
  assertStringIncludes(search.stderr, "run `deno task search --study none`");
});

Deno.test("a study of other data is told", async () => {
  const { code, stderr } = await runIn(folder, ["site", "--out", out]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "Cannot make a site of the study default: it must have been made with mnist",
  );
});

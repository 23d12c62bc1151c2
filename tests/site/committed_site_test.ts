import { assert, assertEquals } from "@std/assert";
import { loadMnist } from "../../core/data/mnist.ts";
import { sha256Hex } from "../../core/data/formats/idx_file.ts";
import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import { inspectDram } from "../../core/infer/inspect_dram.ts";
import { load } from "../../core/infer/load.ts";
import { PUBLISHED_POINTS } from "../../core/charts/published_points.ts";
import type { SiteChart } from "../../site/charts/site_chart.ts";
import { drawSiteCharts } from "../../site/charts/site_charts.ts";
import type { SiteInside } from "../../site/inside_data.ts";
import type {
  SiteModels,
  SiteSamples,
  SiteStudy,
} from "../../site/site_data.ts";

const root = new URL("../../web/static/", import.meta.url);

function readBytes(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(path.replace(/^\//, ""), root));
}

function readData<Data>(name: string): Data {
  return JSON.parse(
    Deno.readTextFileSync(new URL(`data/${name}.json`, root)),
  );
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))]
    .map(({ name }) => name).sort();
}

const { models, made, teacherDifferences } = readData<SiteModels>("models");
const samples = readData<SiteSamples>("samples");
const study = readData<SiteStudy>("study");
const mnist = await loadMnist();

Deno.test("the site's folders hold what its data name, and nothing else", () => {
  const files = (folder: string) =>
    namesIn(folder).map((name) => `/${folder}/${name}`);
  assertEquals(files("models"), models.map(({ file }) => file).sort());
  assertEquals(files("samples"), [samples.file]);
  assertEquals(
    namesIn("data"),
    ["charts", "inside", "models", "samples", "study"]
      .map((name) => `${name}.json`),
  );
});

Deno.test("each model's file has the length and the hash that the site says", async () => {
  for (const { file, bytes, sha256, name } of models) {
    const content = readBytes(file);
    assertEquals(content.length, bytes, name);
    assertEquals(await sha256Hex(content), sha256, name);
    assertEquals(file, `/models/${name}.${sha256.slice(0, 8)}.dram`);
  }
});

Deno.test("the files that the slider stops at read as what the site says", () => {
  for (const { file, parameters, name, frontier } of models) {
    if (!frontier) continue;
    const inspection = inspectDram(readBytes(file));
    assertEquals(inspection.parameters, parameters, name);
  }
});

Deno.test("charts are those of the data, and every model has an inside", () => {
  assertEquals(readData<SiteChart[]>("charts"), drawSiteCharts(study, models));
  const insides = readData<Record<string, SiteInside>>("inside");
  assertEquals(
    Object.values(insides).map(({ name, bytes }) => ({ name, bytes })),
    models.map(({ name, bytes }) => ({ name, bytes })),
  );
});

Deno.test("two small models score what the site says, on images of both parts", () => {
  const { validation, test } = splitDataset(mnist, defaultSplit(mnist));
  const chosen = models.filter(({ name }) => /^digits-9[58]$/.test(name));
  assertEquals(chosen.length, 2);
  for (const { file, accuracy } of chosen) {
    const { classify } = load(readBytes(file));
    const score = ({ images, labels, count }: typeof test) =>
      classify(images).classes
        .filter((answer, image) => answer === labels[image]).length / count;
    assertEquals(
      { validation: score(validation), test: score(test) },
      accuracy,
    );
  }
});

Deno.test("the teacher's file answers as the teacher does", () => {
  const teacher = models.find(({ family }) => family === "teacher");
  assertEquals(teacherDifferences, 0);
  assertEquals(teacher?.parameters, 1_199_882);
  assertEquals(teacher?.accuracy, study.result.teacher.accuracy);
});

Deno.test("the frontier rises in validation accuracy, and no file is under it", () => {
  const rivals = models.filter(({ family }) => family !== "teacher");
  const stops = rivals.filter(({ frontier }) => frontier);
  for (const [index, stop] of stops.slice(1).entries()) {
    assert(stop.bytes > stops[index].bytes);
    assert(stop.accuracy.validation > stops[index].accuracy.validation);
  }
  for (const { bytes, accuracy, frontier, name } of rivals) {
    const better = rivals.some((rival) =>
      rival.name !== name && rival.bytes <= bytes &&
      rival.accuracy.validation >= accuracy.validation
    );
    assertEquals(frontier, !better, name);
  }
  assert(
    models.every(({ family, frontier }) => family !== "teacher" || !frontier),
  );
});

Deno.test("models are sorted by bytes, and all but the teacher are small together", () => {
  const sizes = models.map(({ bytes }) => bytes);
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  const sum = models.filter(({ family }) => family !== "teacher")
    .reduce((sum, { bytes }) => sum + bytes, 0);
  assert(sum < 3_500_000, `${sum} bytes`);
});

Deno.test("samples are MNIST's first 20 test images of each digit", () => {
  const { classes, indices, file } = samples;
  const { images, labels } = mnist.test;
  const expected = [..."0123456789"].flatMap((digit) =>
    [...labels.keys()].filter((i) => labels[i] === Number(digit)).slice(0, 20)
  );
  assertEquals(indices, expected);
  assertEquals(classes, indices.map((index) => labels[index]));
  const pixels = readBytes(file);
  assertEquals(pixels.length, 200 * 784);
  indices.forEach((index, place) =>
    assertEquals(
      pixels.subarray(place * 784, (place + 1) * 784),
      images.subarray(index * 784, (index + 1) * 784),
    )
  );
});

Deno.test("every group of the sweep and every file of the search has a model", () => {
  const names = new Set(models.map(({ name }) => name));
  const { students, search } = study.modelOfTrial;
  for (const { model } of [...students, ...search]) assert(names.has(model));
  const keyOf = ({ hidden, dropout, loss }: typeof students[0]) =>
    [hidden, dropout, loss].join();
  assertEquals(
    students.map(keyOf).sort(),
    study.groups.map((group) => keyOf({ ...group, seed: 0, model: "" })).sort(),
  );
  assertEquals(
    search.map(({ trial }) => trial).sort(),
    study.search?.trials.map(({ trial }) => trial).sort(),
  );
});

Deno.test("published points are the report's, and the commands are told", () => {
  assertEquals(study.published, [...PUBLISHED_POINTS]);
  assertEquals(study.made, made);
  assertEquals(made.map((command) => command.split(" ")[2]), [
    ...["sweep", "search", "site"],
  ]);
});

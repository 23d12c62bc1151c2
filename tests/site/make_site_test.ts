import { assert, assertEquals, assertRejects } from "@std/assert";
import { load } from "../../core/infer/load.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import {
  encodeTeacher,
  makeSite,
  type SiteFile,
  type SiteSources,
} from "../../site/make_site.ts";
import { scoreFiles } from "../../site/score_files.ts";
import type { ModelFile } from "../../site/model_file.ts";
import type {
  SiteModels,
  SiteSamples,
  SiteStudy,
} from "../../site/site_data.ts";
import { openStudy } from "../../core/study/study.ts";
import { makeBars } from "../core/bars.ts";
import { makeBarsStudy } from "../core/bars_study.ts";

const dataset = makeBars();
const { path, teacher, details } = await makeBarsStudy();
const parts: [string, number, number][] = [];

/** The site of the study of bars, with `more`. */
async function siteOf(more: Partial<SiteSources> = {}): Promise<SiteFile[]> {
  using sweep = openStudy(path);
  return await makeSite({
    ...{ sweep, search: null, certified: [], teacher, dataset },
    ...{ published: [], made: ["deno task site bars"], ...more },
  });
}

const site = await siteOf({ onProgress: (...told) => parts.push(told) });
const files = new Map(site);

function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  const content = files.get(path);
  if (!(content instanceof Uint8Array)) throw new Error(`No bytes at ${path}`);
  return new Uint8Array(content);
}

function jsonOf<Data>(path: string): Data {
  const content = files.get(path);
  if (typeof content !== "string") throw new Error(`No text at ${path}`);
  return JSON.parse(content);
}

const { models, ...site_ } = jsonOf<SiteModels>("data/models.json");
const study = jsonOf<SiteStudy>("data/study.json");

/** A student of the site as a file that has been certified, of other scores if told. */
function certify(name: string, test?: number): ModelFile {
  const [{ file, title, accuracy, loss, seed }] = models;
  return {
    ...{ name, family: "compact", title, hidden: null, loss, seed },
    bytes: bytesOf(file.slice(1)),
    expected: { ...accuracy, test: test ?? accuracy.test },
  };
}

Deno.test("a site has a student of each width, and the teacher", () => {
  assertEquals(models.map(({ name, family }) => [name, family]), [
    ["hidden-2", "student"],
    ["hidden-16", "student"],
    ["teacher", "teacher"],
  ]);
  assertEquals(site_, { made: ["deno task site bars"], teacherDifferences: 0 });
});

Deno.test("what the site says of a model is true of its file", () => {
  for (const model of models) {
    const bytes = bytesOf(model.file.slice(1));
    assertEquals(bytes.length, model.bytes);
    const { classify, labels } = load(bytes);
    assertEquals(labels, [...dataset.classNames]);
    for (const part of ["validation", "test"] as const) {
      const { images, labels, count } = dataset[part];
      const right = classify(images).classes
        .filter((answer, image) => answer === labels[image]).length;
      assertEquals(model.accuracy[part], right / count);
    }
  }
});

Deno.test("of a student's file only the hidden layer has fewer than 8 bits", () => {
  const student = models.find(({ name }) => name === "hidden-16");
  const { tensors } = decodeDram(bytesOf(student?.file.slice(1) ?? ""));
  const kernels = tensors.filter((_, index) => index % 2 === 0);
  const bits = kernels.map((tensor) => "bits" in tensor && tensor.bits);
  assertEquals([bits[0], bits[1], bits[3]], [8, 8, 8]);
  assert(bits[2] && bits[2] <= 8);
  assertEquals(
    tensors.filter((_, index) => index % 2 === 1).map(({ kind }) => kind),
    ["float", "float", "float", "float"],
  );
});

Deno.test("a student's file has lost at most a thousandth of the validation images", () => {
  for (const { name, hidden, accuracy } of models) {
    const student = details.result.students
      .find((student) => student.hidden === hidden);
    if (student) {
      assert(accuracy.validation >= student.accuracy.validation - 1e-3, name);
    }
  }
});

Deno.test("the study's data are the study, and say which model runs which student", () => {
  assertEquals(study.result, details.result);
  assertEquals(study.groups, details.groups);
  assertEquals(study.search, null);
  assertEquals(study.modelOfTrial, {
    students: [2, 16].map((hidden) => ({
      ...{ hidden, dropout: 0.2, loss: "logit-mse", seed: 1 },
      model: `hidden-${hidden}`,
    })),
    search: [],
  });
});

Deno.test("samples are the first test images of each class, class by class", () => {
  const { file, classes, indices } = jsonOf<SiteSamples>("data/samples.json");
  const { test } = dataset;
  const pixels = bytesOf(file.slice(1));
  assertEquals(pixels.length, classes.length * 64);
  assertEquals(classes, [0, 1, 2].flatMap((label) => Array(8).fill(label)));
  indices.forEach((index, place) => {
    assertEquals(test.labels[index], classes[place]);
    assertEquals(
      pixels.subarray(place * 64, (place + 1) * 64),
      test.images.subarray(index * 64, (index + 1) * 64),
    );
  });
});

Deno.test("there are charts, and the inside of every model", () => {
  assert(jsonOf<unknown[]>("data/charts.json").length > 0);
  assertEquals(
    Object.keys(jsonOf<object>("data/inside.json")),
    models.map(({ name }) => name),
  );
});

Deno.test("the same study gives the same bytes; a file that is there already only its name", async () => {
  const again = new Map(await siteOf({ certified: [certify("first")] }));
  const { models, ...rest } = JSON.parse(String(again.get("data/models.json")));
  const [old, ...others] = jsonOf<SiteModels>("data/models.json").models;
  const file = old.file.replace(old.name, "first");
  const family: SiteModels["models"][number]["family"] = "compact";
  assertEquals(models, [
    { ...old, name: "first", family, file, hidden: null },
    ...others,
  ]);
  assertEquals(rest, site_);
  const { modelOfTrial, ...told } = JSON.parse(
    String(again.get("data/study.json")),
  );
  const { modelOfTrial: _, ...before } = study;
  assertEquals(told, before);
  assertEquals(modelOfTrial.students[0].model, "first");
  for (const [path, bytes] of files) {
    if (typeof bytes === "string") continue;
    const now = again.get(path.replace(old.name, "first"));
    assertEquals(now, bytes, path);
  }
});

Deno.test("progress is told of both parts, to their end", () => {
  const last = (wanted: string) =>
    parts.filter(([part]) => part === wanted).at(-1)?.slice(1);
  assertEquals(last("students"), [2, 2]);
  assertEquals(last("images"), [48, 48]);
});

Deno.test("a certified file that scores something else is refused", async () => {
  const reference = encodeTeacher(teacher, { bits: 32, labels: [..."012"] });
  await assertRejects(
    () => scoreFiles([certify("small", 0.125)], { reference, dataset }),
    Error,
    "Cannot put small on the site: it must score what its manifest says: 0.125 on test images",
  );
});

Deno.test("a study of other data, or of another teacher, is refused", async () => {
  const sha256 = { "train-images-idx3-ubyte": "00" };
  await assertRejects(
    () => siteOf({ dataset: { ...dataset, sha256 } }),
    Error,
    "Cannot make a site of the study bars",
  );
  await assertRejects(
    () => siteOf({ teacher: { ...teacher, sha256: "other" } }),
    Error,
    "this is another",
  );
});

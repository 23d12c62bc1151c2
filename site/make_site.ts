import type { PublishedPoint } from "../core/charts/published_points.ts";
import { encodeDram } from "../core/compress/code/encode_dram.ts";
import { summariseSearch } from "../core/search/summarise_search.ts";
import { type Examples, imageParts, pixelCount } from "../core/data/dataset.ts";
import type { SplitDataset } from "../core/data/split.ts";
import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import type { LoadedModel } from "../core/models/formats/load_model.ts";
import { withoutDropout } from "../core/models/spec.ts";
import type { StudyResult } from "../core/sweep/result.ts";
import type { SearchStudy } from "../core/search/search_trials.ts";
import type { Study } from "../core/study/study.ts";
import { summariseStudy } from "../core/sweep/summarise_study.ts";
import { drawSiteCharts } from "./charts/site_charts.ts";
import { encodeStudents } from "./encode_students.ts";
import type { SiteInside } from "./inside_data.ts";
import { inspectModel } from "./inspect_model.ts";
import { makeSamples } from "./make_samples.ts";
import type { ModelFile } from "./model_file.ts";
import { halveWeights } from "./quantise_student.ts";
import { readSearchFiles } from "./read_search_files.ts";
import { type ScoredFile, scoreFiles } from "./score_files.ts";
import type { SiteModels, SiteStudy } from "./site_data.ts";

/**
 * Whether each pixel is the same in all of `examples`: `[height · width ·
 * channels]`. A weight that reads such a pixel can't tell images apart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findBlankPixels } from "./make_site.ts";
 *
 * const blank = findBlankPixels({
 *   count: 2,
 *   shape: [1, 3, 1],
 *   images: Uint8Array.of(0, 9, 7, 0, 8, 7),
 *   labels: Uint8Array.of(0, 1),
 * });
 * assertEquals(blank, [true, false, true]);
 * ```
 */
export function findBlankPixels(examples: Examples): boolean[] {
  const size = pixelCount(examples.shape);
  const [first] = imageParts(examples, 1);
  const blank = new Array<boolean>(size).fill(true);
  for (const { pixels } of imageParts(examples)) {
    for (let i = 0; i < pixels.length; i++) {
      if (pixels[i] !== first.pixels[i % size]) blank[i % size] = false;
    }
  }
  return blank;
}

/**
 * `teacher` in the form in which a file holds it: as it is, or with each weight
 * rounded to a float16, in half the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsTeacher } from "../tests/core/bars.ts";
 * import { encodeTeacher } from "./make_site.ts";
 *
 * const teacher = await makeBarsTeacher();
 * const { tensors } = encodeTeacher(teacher, { bits: 16, labels: ["stands", "lies", "leans"] });
 * assertEquals(tensors.length, teacher.weights.length);
 * ```
 */
export function encodeTeacher(
  { spec, weights }: LoadedModel,
  { bits, labels }: { bits: 16 | 32; labels: string[] },
): EncodedModel {
  const tensors = bits === 16
    ? halveWeights(weights)
    : weights.map((weight) => ({ kind: "float" as const, bits, ...weight }));
  return { spec: withoutDropout(spec), labels, tensors };
}

/** Files, each of other bytes and by another name. */
interface DistinctFiles {
  /** The first of each that hold the same bytes. */
  files: ModelFile[];
  /** The name under which the bytes of `file`, one of those given, are kept. */
  nameOf: (file: ModelFile) => string;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * The first of `files` that hold the same bytes, in their order.
 *
 * Throws an `Error` where two of other bytes have one name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dropDuplicates } from "./make_site.ts";
 *
 * const file = (name: string, byte: number) => ({
 *   ...{ name, family: "compact" as const, title: "", hidden: null, loss: null, seed: null },
 *   ...{ expected: null, bytes: Uint8Array.of(byte) },
 * });
 * const all = [file("a", 1), file("b", 2), file("c", 1)];
 * const { files, nameOf } = dropDuplicates(all);
 * assertEquals(files.map(({ name }) => name), ["a", "b"]);
 * assertEquals(nameOf(all[2]), "a");
 * ```
 */
export function dropDuplicates(all: ModelFile[]): DistinctFiles {
  const findFirst = (file: ModelFile) =>
    all.find(({ bytes }) => sameBytes(bytes, file.bytes)) ?? file;
  const files = all.filter((file) => findFirst(file) === file);
  const names = files.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(
      `Cannot make a site: each model must have a name of its own: two are called ${twice}`,
    );
  }
  return { files, nameOf: (file) => findFirst(file).name };
}

/** Names and hashes in one order. */
function describe(sha256: Record<string, string>): string {
  return JSON.stringify(Object.entries(sha256).toSorted());
}

/**
 * Throws an `Error` unless each of `studies` was made with the files, and as many
 * images in each part, of `dataset`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { makeBars } from "../tests/core/bars.ts";
 * import { assertSameData } from "./make_site.ts";
 *
 * const study = { study: "digits", dataset: { name: "mnist", sha256: {}, train: 55_000, validation: 5_000, test: 10_000 } };
 * assertThrows(() => assertSameData([study], makeBars()), Error, "with bars");
 * ```
 */
export function assertSameData(
  studies: readonly Pick<StudyResult, "study" | "dataset">[],
  { name, sha256, train, validation, test }: SplitDataset,
): void {
  for (const { study, dataset } of studies) {
    const same = describe(dataset.sha256) === describe(sha256) &&
      dataset.train === train.count &&
      dataset.validation === validation.count && dataset.test === test.count;
    if (same) continue;
    throw new Error(
      `Cannot make a site of the study ${study}: it must have been made with ${name}, divided as the teacher's was: it was made with ${dataset.name}; pass its data and its teacher with --data and --teacher`,
    );
  }
}

/** A file of the site: its path below `static/`, and what it holds. */
export type SiteFile = [path: string, content: string | Uint8Array];

/** A part of the work: choosing bits for students, or asking all files for all images. */
export type SitePart = "students" | "images";

/** What a site is made of. */
export interface SiteSources {
  /** The sweep. */
  sweep: Study;
  /** A search, where there is one. */
  search: SearchStudy | null;
  /** Files that are certified already. */
  certified: ModelFile[];
  /** The model that the sweep's students have their convolutions from. */
  teacher: LoadedModel;
  /** The data that all of them are for. */
  dataset: SplitDataset;
  /** Published models to set ours beside. */
  published: readonly PublishedPoint[];
  /** The commands that make it. */
  made: string[];
  /** Told of each part of the work, what is done, and all of it. */
  onProgress?: (part: SitePart, done: number, total: number) => void;
}

/** JSON in as few bytes as it takes. */
function asJson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** The teacher as a file of half the bytes. */
function teacherFile(teacher: LoadedModel, labels: string[]): ModelFile {
  return {
    name: "teacher",
    family: "teacher",
    title: "the teacher, in float16",
    hidden: null,
    loss: null,
    seed: null,
    expected: null,
    bytes: encodeDram(encodeTeacher(teacher, { bits: 16, labels })),
  };
}

/** Images that the teacher's file puts in another class than the teacher does. */
function countDifferences(scored: ScoredFile[], teacher: Uint16Array): number {
  const file = scored.find(({ model }) => model.family === "teacher");
  return teacher.filter((answer, image) => answer !== file?.classes[image])
    .length;
}

/** What the Inside page shows of each file, by name: a page can import one file only. */
function inspectAll(
  scored: ScoredFile[],
  { dataset, teacher }: { dataset: SplitDataset; teacher: Uint16Array },
): Record<string, SiteInside> {
  const blank = findBlankPixels(dataset.train);
  return Object.fromEntries(
    scored.map(({ bytes, model: { name, family }, classes }) => [
      name,
      inspectModel({
        name,
        dram: bytes,
        test: dataset.test,
        classes,
        blank,
        teacher: family === "teacher" ? null : teacher,
      }),
    ]),
  );
}

/**
 * Every file that the web site needs of a sweep, a search, certified files and the
 * teacher: models, what they score, samples to try them on, and what its charts
 * and pages show. The same sources give the same bytes.
 *
 * Models are the certified files, every file of the search, of the sweep the
 * students that {@linkcode encodeStudents} lists, and the teacher in float16s;
 * files of the same bytes are there once. What they score is measured from the
 * files, by the direct path.
 *
 * Throws an `Error` where sources were made with other data, with another teacher,
 * or where a certified file doesn't score what its manifest says.
 */
export async function makeSite(
  { sweep, search, certified, teacher, dataset, ...sources }: SiteSources,
): Promise<SiteFile[]> {
  const { made, published, onProgress } = sources;
  const details = summariseStudy(sweep);
  const searched = search && summariseSearch(search);
  assertSameData([details.result, ...searched ? [searched] : []], dataset);

  const labels = [...dataset.classNames];
  const students = await encodeStudents(sweep, {
    details,
    teacher,
    dataset,
    labels,
    onProgress: (done, total) => onProgress?.("students", done, total),
  });
  const trials = search ? readSearchFiles(search) : [];
  const { files, nameOf } = dropDuplicates(
    [...certified, ...trials, ...students, teacherFile(teacher, labels)],
  );
  const { scored, reference } = await scoreFiles(files, {
    dataset,
    reference: encodeTeacher(teacher, { bits: 32, labels }),
    onProgress: (done, total) => onProgress?.("images", done, total),
  });

  const models: SiteModels = {
    made,
    teacherDifferences: countDifferences(scored, reference),
    models: scored.map(({ model }) => model),
  };
  const { result, groups } = details;
  const study: SiteStudy = {
    made,
    images: { shape: dataset.shape, classes: dataset.classes },
    result,
    groups,
    search: searched,
    published: [...published],
    modelOfTrial: {
      students: students.map((file) => ({
        ...file.student,
        model: nameOf(file),
      })),
      search: trials.map((file) => ({
        trial: file.trial,
        model: nameOf(file),
      })),
    },
  };
  const samples = await makeSamples(dataset.test);
  const insides = inspectAll(scored, { dataset, teacher: reference });
  return [
    ...scored.map(({ bytes, model }): SiteFile => [model.file.slice(1), bytes]),
    [samples.json.file.slice(1), samples.pixels],
    ["data/samples.json", asJson(samples.json)],
    ["data/inside.json", asJson(insides)],
    ["data/charts.json", asJson(drawSiteCharts(study, models.models))],
    ["data/study.json", asJson(study)],
    ["data/models.json", asJson(models)],
  ];
}

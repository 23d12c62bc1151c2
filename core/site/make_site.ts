import { encodeDram } from "../compress/code/encode_dram.ts";
import type { SearchStudy } from "../search/search_trials.ts";
import { summariseSearch } from "../search/summarise_search.ts";
import type { SplitDataset } from "../data/split.ts";
import type { LoadedModel } from "../models/load_model.ts";
import type { PublishedPoint } from "../report/published_points.ts";
import type { Study } from "../study/study.ts";
import { summariseStudy } from "../sweep/summarise_study.ts";
import { assertSameData } from "./assert_same_data.ts";
import { drawSiteCharts } from "./charts/site_charts.ts";
import { dropDuplicates } from "./drop_duplicates.ts";
import { encodeStudents } from "./encode_students.ts";
import { encodeTeacher } from "./encode_teacher.ts";
import { findBlankPixels } from "./find_blank_pixels.ts";
import type { SiteInside } from "./inside_data.ts";
import { inspectModel } from "./inspect_model.ts";
import { makeSamples } from "./make_samples.ts";
import type { ModelFile } from "./model_file.ts";
import { readSearchFiles } from "./read_search_files.ts";
import { type ScoredFile, scoreFiles } from "./score_files.ts";
import type { SiteModels, SiteStudy } from "./site_data.ts";

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
    ...{ name: "teacher", family: "teacher", title: "the teacher, in float16" },
    ...{ hidden: null, loss: null, seed: null, expected: null },
    bytes: encodeDram(encodeTeacher(teacher, { bits: 16, labels })),
  };
}

/** Images that the teacher's file puts in another class than the teacher does. */
function countDifferences(scored: ScoredFile[], teacher: Uint8Array): number {
  const file = scored.find(({ model }) => model.family === "teacher");
  return teacher.filter((answer, image) => answer !== file?.classes[image])
    .length;
}

/** What the Inside page shows of each file, by name: a page can import one file only. */
function inspectAll(
  scored: ScoredFile[],
  { dataset, teacher }: { dataset: SplitDataset; teacher: Uint8Array },
): Record<string, SiteInside> {
  const blank = findBlankPixels(dataset.train);
  return Object.fromEntries(
    scored.map(({ bytes, model: { name, family }, classes }) => [
      name,
      inspectModel({
        ...{ name, dram: bytes, test: dataset.test, classes, blank },
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

  const labels = Array.from({ length: dataset.classes }, (_, i) => `${i}`);
  const students = await encodeStudents(sweep, {
    ...{ details, teacher, dataset, labels },
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
    ...{ result, groups, search: searched, published: [...published] },
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

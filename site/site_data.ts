import type { SearchResult } from "../core/search/search_result.ts";
import type { PublishedPoint } from "../core/charts/published_points.ts";
import type { Accuracy } from "../core/study/estimate.ts";
import type { StudentGroup, StudyResult } from "../core/sweep/result.ts";

/** Where a model of the site comes from. */
export type ModelFamily =
  | "compact"
  | "student"
  | "deep-compression"
  | "teacher";

/** One model that the site can run. */
export interface SiteModel {
  /** Unique, and usable in a URL as it is: `digits-99`, `search-17`, `hidden-6`, `teacher`. */
  name: string;
  /** Where it comes from. */
  family: ModelFamily;
  /** What it is, in words. */
  title: string;
  /** Its layers, as `formatLayers` writes them. */
  layers: string;
  /** Path of its `.dram` file on the site: `/models/NAME.HASH8.dram`. */
  file: string;
  /** Length of that file. */
  bytes: number;
  /** SHA-256 of that file, in hexadecimal. */
  sha256: string;
  /** Trainable numbers. */
  parameters: number;
  /** Of the file itself, as `deno task evaluate` gives. */
  accuracy: Accuracy;
  /** Units of its hidden layer, where it is a student of the sweep; else null. */
  hidden: number | null;
  /** Name of the loss that it was trained by, where it is known. */
  loss: string | null;
  /** Seed that it was trained with, where it is known. */
  seed: number | null;
  /**
   * A stop of the slider: no other file that is as small, or smaller, is as
   * accurate on validation images. Never the teacher.
   */
  frontier: boolean;
}

/** `web/static/data/models.json`. */
export interface SiteModels {
  /** The commands that make it, in order, as far as single command lines do. */
  made: string[];
  /** Test images that get another class from the teacher's file, in float16, than from the teacher. */
  teacherDifferences: number;
  /** Every model, from the smallest file. */
  models: SiteModel[];
}

/** `web/static/data/samples.json`: test images to try the models on. */
export interface SiteSamples {
  /** Path on the site of their pixels, `[n, 28, 28]` bytes. */
  file: string;
  /** The class of each. */
  classes: number[];
  /** The place of each among the test images, from 0. */
  indices: number[];
}

/** Which model of the site runs a student of the sweep. */
export interface StudentModel {
  /** Units of its hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** Name of the loss. */
  loss: string;
  /** Seed of its weights, order and dropout. */
  seed: number;
  /** Name of the model. */
  model: string;
}

/** Which model of the site runs a file of the search. */
export interface TrialModel {
  /** The file's number in the search. */
  trial: number;
  /** Name of the model. */
  model: string;
}

/** `web/static/data/study.json`: what the charts and tables are drawn of. */
export interface SiteStudy {
  /** The commands that make it, in order, as far as single command lines do. */
  made: string[];
  /** What its models read, and tell apart; sites that were made earlier don't say it. */
  images?: {
    /** Extent of each, `[height, width, channels]`. */
    shape: readonly number[];
    /** Number of classes. */
    classes: number;
  };
  /** The sweep, as `sweep --json` prints it. */
  result: StudyResult;
  /** Its students by all but their seed. */
  groups: StudentGroup[];
  /** The search, as `search --json` prints it; null where there was none. */
  search: SearchResult | null;
  /** Published models to set ours beside. */
  published: PublishedPoint[];
  /**
   * Which models run points of the charts: at most one student a group, and files of
   * the search.
   */
  modelOfTrial: { students: StudentModel[]; search: TrialModel[] };
}

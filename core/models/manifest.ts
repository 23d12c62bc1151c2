import type { Dataset } from "../data/dataset.ts";
import type { SplitDataset, SplitSpec } from "../data/split.ts";
import type { BackendInUse } from "../device/select_backend.ts";
import { isRecord } from "../files/json.ts";
import * as tf from "../tf.ts";
import { VERSION } from "../version.ts";
import type { LoadedModel } from "./formats/loaded_model.ts";
import type { PixelScale } from "./formats/pixel_scale.ts";
import type { Teacher } from "./formats/teacher.ts";
import type { ModelSpec } from "./spec.ts";

/** What a model scored, with the weights of its best epoch. */
export interface ManifestScores {
  /** Epoch that was best on validation, from 1. */
  epoch: number;
  /** On the images to choose by: share correct, and mean loss in training's units. */
  validation: { accuracy: number; loss: number };
  /** On the test images: share correct, and mean cross-entropy in nats. */
  test: { accuracy: number; loss: number };
}

/**
 * Whether it is recorded that a teacher was trained on this division of the data: of
 * one whose manifest doesn't say so, validation images may have been learnt.
 */
export type TeacherSplit = "recorded" | "unknown";

/** How a model was made and what it scored: `manifest.json` beside a model. */
export interface Manifest {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** All that decided how it was trained, the seed included. */
  configuration: object;
  /** Where it was computed. */
  backend: { name: string; adapter: string | null };
  /** What it learnt from, was chosen by and reported on. */
  dataset: {
    name: string;
    sha256: Record<string, string>;
    split: SplitSpec;
  };
  /** SHA-256 of the teacher's files, for a student. */
  teacher?: string;
  /** What pixels the teacher was made to read, where that was told with it, or seen in a black box. */
  teacherPixels?: PixelScale;
  /** Whether it was told with it that it reads blue first. */
  teacherBgr?: true;
  /** Whether the teacher's manifest says that it left out the validation images. */
  teacherSplit?: TeacherSplit;
  /** What it scored, at its best epoch. */
  scores: ManifestScores;
  /** Versions of what made it. */
  versions: { retort: string; deno: string; tfjs: string };
  /** Day on which it was made, `YYYY-MM-DD`. */
  date: string;
}

/** Which model of another program a folder holds, and how that was proven: its `manifest.json`. */
export interface ImportManifest {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** The model's file or folder, as it was named, what it is, and what identifies it. */
  imported: {
    file: string;
    format: string;
    sha256: string;
    /** What pixels it reads, told or seen in it, where not divided by 255; the weights hold it. */
    pixels?: PixelScale;
    /** Whether it was told that it reads blue first; the weights hold it. */
    bgr?: true;
    /** What it ends in, where that isn't logits or a softmax; the layers here end before. */
    ends?: LoadedModel["ends"];
  };
  /** What it was scored and proven on. What it has learnt from isn't known. */
  dataset: { name: string; sha256: Record<string, string> };
  /** On the test images: share correct, and mean cross-entropy in nats. */
  scores: { test: { accuracy: number; loss: number } };
  /** Runtimes that gave each test image the same class. */
  proofs: {
    /** What was asked: the file itself, or what stands in the folder. */
    of: "original" | "folder";
    runtime: string;
    images: number;
    /** What was compared, as "logits". */
    compared: string;
    largestDifference: number;
  }[];
  /** Versions of what made it. */
  versions: Manifest["versions"];
  /** Day on which it was made, `YYYY-MM-DD`. */
  date: string;
}

/**
 * The manifest of a model made just now from `dataset` on `backend`; of
 * `teacher`, where there is one, it keeps the hash.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { makeManifest } from "./manifest.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const score = { accuracy: 0.98, loss: 0.1 };
 * const { dataset, versions } = makeManifest({
 *   spec: studentSpec({ hidden: 6 }),
 *   configuration: { seed: 1 },
 *   backend: { name: "wasm", adapter: null, reason: "wasm: asked for" },
 *   dataset: makeBars(),
 *   scores: { epoch: 3, validation: score, test: score },
 * });
 * assertEquals(dataset.name, "bars");
 * assertEquals(versions.deno, Deno.version.deno);
 * ```
 */
export function makeManifest(
  { spec, configuration, backend, dataset, teacher, scores }: {
    spec: ModelSpec;
    configuration: object;
    backend: BackendInUse;
    dataset: SplitDataset;
    teacher?: Teacher;
    scores: ManifestScores;
  },
): Manifest {
  const { name, sha256, split } = dataset;
  return {
    spec,
    configuration,
    backend: { name: backend.name, adapter: backend.adapter },
    dataset: { name, sha256, split },
    teacher: teacher?.sha256,
    ...teacher?.pixels && { teacherPixels: teacher.pixels },
    ...teacher?.bgr && { teacherBgr: teacher.bgr },
    ...teacher && { teacherSplit: findTeacherSplit(teacher, dataset) },
    scores,
    ...manifestVersions(),
  };
}

/**
 * Versions of what is running, and today's date in UTC.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { manifestVersions } from "./manifest.ts";
 *
 * assertMatch(manifestVersions().date, /^\d{4}-\d{2}-\d{2}$/);
 * ```
 */
export function manifestVersions(): Pick<Manifest, "versions" | "date"> {
  return {
    versions: {
      retort: VERSION,
      deno: Deno.version.deno,
      tfjs: tf.version_core,
    },
    date: new Date().toISOString().slice(0, 10),
  };
}

/**
 * The division of `data` that `model` was trained on, as its manifest says;
 * `undefined` where that says nothing, or was made with other data. A student's
 * validation images must not be among those that its teacher has learnt.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recordedSplit } from "./manifest.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const split = { seed: 0, validation: 5000 };
 * const sha256 = { "train-images-idx3-ubyte": "00" };
 * const model = {
 *   kind: "row" as const,
 *   spec: studentSpec({ hidden: 6 }),
 *   weights: [],
 *   sha256: "",
 *   bytes: 0,
 *   manifest: { dataset: { split, sha256 } },
 * };
 * assertEquals(recordedSplit(model, { sha256 }), split);
 * assertEquals(recordedSplit(model, { sha256: {} }), undefined);
 * ```
 */
export function recordedSplit(
  model: Teacher,
  data: Pick<Dataset, "sha256">,
): SplitSpec | undefined {
  // No black box says what it has learnt from.
  if (model.kind === "box") return undefined;
  const dataset = model.manifest?.dataset;
  if (
    !isRecord(dataset) || !isRecord(dataset.split) ||
    !isRecord(dataset.sha256) || !sameEntries(dataset.sha256, data.sha256)
  ) return undefined;
  const { seed, validation } = dataset.split;
  return isCount(seed) && isCount(validation) && validation > 0
    ? { seed, validation }
    : undefined;
}

/**
 * Whether `teacher` says that it was trained on the division that `dataset` has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { findTeacherSplit } from "./manifest.ts";
 *
 * const teacher = await makeBarsTeacher();
 * assertEquals(findTeacherSplit(teacher, makeBars()), "recorded");
 * assertEquals(findTeacherSplit({ ...teacher, manifest: undefined }, makeBars()), "unknown");
 * ```
 */
export function findTeacherSplit(
  teacher: Teacher,
  dataset: Pick<SplitDataset, "sha256" | "split">,
): TeacherSplit {
  const own = recordedSplit(teacher, dataset);
  const { seed, validation } = dataset.split;
  return own?.seed === seed && own.validation === validation
    ? "recorded"
    : "unknown";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function sameEntries(
  a: Record<string, unknown>,
  b: Record<string, unknown>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => a[key] === b[key]);
}

import {
  CHANCE_CAUSES,
  chanceOf,
  isNearChance,
} from "../../core/data/chance.ts";
import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import {
  type BackendInUse,
  selectBackend,
} from "../../core/device/select_backend.ts";
import type { BackendChoice } from "../../core/device/select_backend.ts";
import { extractFeatures } from "../../core/distill/extract_features.ts";
import type { FeatureStore } from "../../core/distill/feature_store.ts";
import { logitAccuracy } from "../../core/distill/logit_accuracy.ts";
import {
  type BlackBox,
  type LoadedModel,
  loadModel,
  loadTeacher,
  type Teacher,
} from "../../core/models/formats/load_model.ts";
import { sayEnding } from "../../core/models/formats/teacher.ts";
import { recordedSplit } from "../../core/models/manifest.ts";
import { loadShippedTeacher } from "../../core/models/shipped_teacher.ts";
import { ensureSelfTest } from "../../core/train/self_test.ts";
import type { Io } from "../command.ts";
import {
  assertFits,
  assertLearnable,
  DATA_OPTIONS,
  type DataValues,
  fitToModel,
  isUsualData,
  loadData,
  unknownSplit,
} from "../options/data_options.ts";
import { UsageError } from "../terminal/errors.ts";
import type { OptionTable } from "../options/option.ts";
import {
  READING_OPTIONS,
  type ReadingValues,
  readReading,
  refuseReading,
} from "../options/reading_options.ts";
import { ownPath } from "../options/own_path.ts";

export { assertFits, assertLearnable, DATA_OPTIONS, loadData };

/** Where features and logits are kept between runs. */
export const CACHE = ".retort/features";
/** Where is kept what was measured of WebGPU adapters. */
export const TUNING = ".retort/tuning";
/** More workers than this gain little and take 0.5 GB each. */
const MOST_WORKERS = 4;

/** Options of every command that needs a teacher. */
export const TEACHER_OPTIONS = {
  ...DATA_OPTIONS,
  teacher: {
    kind: "path",
    reads: "file or folder",
    placeholder: "PATH",
    usual: "the one that Retort ships",
    help: "the teacher: a model folder, or a file of ONNX or Keras",
  },
  ...READING_OPTIONS,
} as const satisfies OptionTable;

/**
 * Chooses the backend, says why, and proves that it computes what it should. What is
 * to train on a WebGPU adapter for the first time, `tune`, measures it before.
 */
export async function startBackend(
  choice: BackendChoice,
  io: Io,
  { tune }: { tune: boolean },
): Promise<BackendInUse> {
  const backend = await selectBackend(choice, {
    tuning: { folder: ownPath(TUNING), measure: tune, onNote: io.note },
  });
  io.note(backend.reason);
  await ensureSelfTest();
  return backend;
}

/** As many workers as cores, up to what pays. */
function countCores(): number {
  return Math.min(navigator.hardwareConcurrency, MOST_WORKERS);
}

/** How many workers to run at a time: as many as cores; one on a GPU. */
export function countWorkers(backend: BackendInUse): number {
  return backend.name === "webgpu" ? 1 : countCores();
}

/** Bytes that the files of a black box may have in all its askers together. */
const MOST_BOX_BYTES = 2 ** 31;
/** How often each has them: to send, to read, in the runtime, and as it computes with them. */
const BOX_COPIES = 4;

/** How many workers ask a black box, which is on no GPU: fewer where it is large. */
export function countBoxAskers({ bytes }: Pick<BlackBox, "bytes">): number {
  const fitting = Math.floor(MOST_BOX_BYTES / (BOX_COPIES * bytes));
  return Math.max(1, Math.min(countCores(), fitting));
}

/** How many workers ask `teacher`. */
export function countAskers(teacher: Teacher, backend: BackendInUse): number {
  return teacher.kind === "box"
    ? countBoxAskers(teacher)
    : countWorkers(backend);
}

/** Throws a `UsageError` where `values` are of what `model`, at `path`, says itself. */
function checkReading(
  model: Teacher,
  values: ReadingValues,
  path: string,
): void {
  if (model.kind === "row" && model.manifest) refuseReading(path, values);
}

/**
 * The row of layers at `path`, which reads what `--pixels` and `--bgr` say. Throws a
 * `UsageError` where it says that itself.
 */
export async function loadWithReading(
  path: string,
  values: ReadingValues,
  { note }: Pick<Io, "note">,
): Promise<LoadedModel> {
  const model = await loadModel(path, readReading(values));
  checkReading(model, values, path);
  noteEnding(model, path, note);
  return model;
}

/** Says what of the model at `path` is taken for logits, where those aren't its own. */
function noteEnding(model: Teacher, path: string, note: Io["note"]): void {
  const said = sayEnding(model);
  if (said) note(`${path} ${said}`);
}

/**
 * The model at `path`, whatever it is, as {@linkcode loadWithReading}; of a black box a
 * note says why it is one.
 */
export async function loadAnyModel(
  path: string,
  values: ReadingValues,
  { note, signal }: Pick<Io, "note" | "signal">,
): Promise<Teacher> {
  const model = await loadTeacher(path, readReading(values), { signal });
  checkReading(model, values, path);
  if (model.kind === "box") {
    note(
      `${path} is a black box, run by its own runtime: ${model.reason}`,
    );
  }
  noteEnding(model, path, note);
  return model;
}

/** Where a teacher is, and what pixels it reads. */
type TeacherValues =
  & { teacher?: string; data?: string; image?: string }
  & ReadingValues;

/** The teacher that Retort ships, where the data is MNIST. */
async function loadUsualTeacher(
  { data, image, ...values }: TeacherValues,
): Promise<LoadedModel> {
  refuseReading("the shipped teacher", values);
  if (isUsualData({ data })) return await loadShippedTeacher();
  const sized = image === undefined ? "" : ` --image ${image}`;
  throw new UsageError(
    `Cannot use --data ${data} without a teacher of that data: train one with \`deno task train --data ${data}${sized} --out FOLDER\`, then pass --teacher FOLDER`,
  );
}

/** The row of layers at `teacher`, or the shipped one where the data is MNIST. */
export async function loadRow(
  values: TeacherValues,
  io: Pick<Io, "note">,
): Promise<LoadedModel> {
  return values.teacher === undefined
    ? await loadUsualTeacher(values)
    : await loadWithReading(values.teacher, values, io);
}

/**
 * `teacher` and data that fit each other, the data divided as the teacher's was, with
 * a note where that is not recorded.
 */
async function findData<Kind extends Teacher>(
  teacher: Kind,
  options: DataValues & TeacherValues,
  io: Pick<Io, "note">,
): Promise<{ teacher: Kind; dataset: SplitDataset }> {
  const whole = await loadData(options, io);
  assertLearnable(whole);
  const name = options.teacher ?? "the shipped teacher";
  const data = fitToModel(teacher, whole, name);
  const recorded = recordedSplit(teacher, data);
  if (!recorded) io.note(unknownSplit(name));
  const split = recorded ?? defaultSplit(data);
  return { teacher, dataset: splitDataset(data, split) };
}

/** A teacher whose logits are learnt from, whatever it is, and data that fits it. */
export async function loadTeacherAndData(
  options: DataValues & TeacherValues,
  io: Pick<Io, "note" | "signal">,
): Promise<{ teacher: Teacher; dataset: SplitDataset }> {
  const teacher = options.teacher === undefined
    ? await loadUsualTeacher(options)
    : await loadAnyModel(options.teacher, options, io);
  return await findData(teacher, options, io);
}

/** A teacher whose layers students begin with, and data that fits it. */
export async function loadRowAndData(
  options: DataValues & TeacherValues,
  io: Pick<Io, "note">,
): Promise<{ teacher: LoadedModel; dataset: SplitDataset }> {
  return await findData(await loadRow(options, io), options, io);
}

/**
 * Throws where the teacher's `accuracy` on the validation images may be chance:
 * students would learn nothing, for hours.
 */
export function checkTeacherAccuracy(
  accuracy: number,
  { name, classes, validation: { labels } }: SplitDataset,
): void {
  if (!isNearChance(accuracy, { labels, classes })) return;
  throw new Error(
    `Cannot learn from the teacher: it must be better than chance on the validation images of ${name}: it is right on ${
      accuracy.toFixed(4)
    } of them, one class for all on ${
      chanceOf(labels, classes).toFixed(4)
    }; ${CHANCE_CAUSES}`,
  );
}

/** The teacher's features and logits, computed with progress unless kept from before. */
export async function openFeatures(
  { teacher, dataset, backend, io }: {
    teacher: LoadedModel;
    dataset: SplitDataset;
    backend: BackendInUse;
    io: Io;
  },
): Promise<FeatureStore> {
  using progress = io.progress("features");
  const store = await extractFeatures(teacher, dataset, {
    cache: ownPath(CACHE),
    backend: backend.name,
    workers: countWorkers(backend),
    onProgress: (done, total) => progress.work({ done, total, unit: "images" }),
    onNote: io.note,
    signal: io.signal,
  });
  checkTeacherAccuracy(logitAccuracy(store.parts.validation), dataset);
  return store;
}

import { basename, isAbsolute } from "node:path";
import type { Labels } from "../data/dataset.ts";
import type { SplitDataset } from "../data/split.ts";
import type { BackendInUse } from "../device/select_backend.ts";
import { isRecord } from "../files/json.ts";
import { formOf, type Teacher } from "../models/formats/teacher.ts";
import { findTeacherSplit, type TeacherSplit } from "../models/manifest.ts";
import { cleanText } from "../text/clean_text.ts";
import type { Accuracy } from "./estimate.ts";
import type { Study } from "./study.ts";
import type { StudyFormat } from "./study_format.ts";

/** What a study is of, and where it was computed. */
export interface StudyOrigin {
  /** Name of the study. */
  study: string;
  /** Name, hashes of the files, and how many images each part has. */
  dataset: {
    name: string;
    sha256: Record<string, string>;
    train: number;
    validation: number;
    test: number;
  };
  /** Where the latest run was computed; the adapter is WebGPU's. */
  backend: { name: string; adapter: string | null };
  /** The model that students were distilled from, and its size. */
  teacher: {
    parameters: number;
    bytes: number;
    accuracy: Accuracy;
    /** Whether its manifest says that it left out the validation images. */
    split?: TeacherSplit;
  };
}

/** What a study's trials have in common, kept in the study for its reports. */
export interface StudyContext extends StudyOrigin {
  /** Number of classes. */
  classes: number;
  /** Classes of the test images, in base64. */
  testLabels: string;
  /** Seconds spent on the study so far. */
  seconds: number;
}

/** Classes as a study keeps them: bytes, or two of each where there are more than 256. */
export function bytesOfLabels(
  { buffer, byteOffset, byteLength }: Labels,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** The reverse of {@linkcode bytesOfLabels}, for labels of `classes` classes. */
export function labelsOfBytes(
  bytes: Uint8Array<ArrayBuffer>,
  classes: number,
): Labels {
  return classes > 256 ? new Uint16Array(bytes.slice().buffer) : bytes;
}

/** Classes of the test images of a study, in their order. */
export function readTestLabels(
  { classes, testLabels }: Pick<StudyContext, "classes" | "testLabels">,
): Labels {
  return labelsOfBytes(Uint8Array.fromBase64(testLabels), classes);
}

/** Whether `text` is bytes in base64. */
function isBase64(text: string): boolean {
  try {
    return Uint8Array.fromBase64(text).length >= 0;
  } catch {
    return false;
  }
}

function isContext(value: unknown): value is StudyContext {
  if (!isRecord(value)) return false;
  const { study, dataset, backend, teacher, classes, testLabels, seconds } =
    value;
  const areNumbers = (...values: unknown[]) =>
    values.every((each) => typeof each === "number");
  return typeof study === "string" && typeof testLabels === "string" &&
    isBase64(testLabels) &&
    areNumbers(classes, seconds) &&
    isRecord(dataset) && typeof dataset.name === "string" &&
    areNumbers(dataset.train, dataset.validation, dataset.test) &&
    isRecord(dataset.sha256) &&
    Object.values(dataset.sha256).every((hash) => typeof hash === "string") &&
    isRecord(backend) && typeof backend.name === "string" &&
    (backend.adapter === null || typeof backend.adapter === "string") &&
    isRecord(teacher) && areNumbers(teacher.parameters, teacher.bytes) &&
    isRecord(teacher.accuracy) &&
    areNumbers(teacher.accuracy.validation, teacher.accuracy.test);
}

/** `context` with its names clean and short, for whatever shows them. */
function cleanNames(context: StudyContext): StudyContext {
  const { study, dataset, backend } = context;
  return {
    ...context,
    study: cleanText(study),
    // Earlier versions called data of one's own by its whole path.
    dataset: {
      ...dataset,
      name: cleanText(
        isAbsolute(dataset.name) ? basename(dataset.name) : dataset.name,
      ),
    },
    backend: {
      name: cleanText(backend.name),
      adapter: backend.adapter && cleanText(backend.adapter),
    },
  };
}

/** Writes the study's context, in place of an older one. */
export function writeContext(
  study: Study<StudyFormat>,
  context: StudyContext,
): void {
  study.writeSetting("context", context);
}

/**
 * The study's context; `undefined` before the first sweep has written it. Throws a
 * `SyntaxError` where it is not what a sweep writes.
 */
export function readContext(
  study: Study<StudyFormat>,
): StudyContext | undefined {
  const context = study.readSetting("context");
  if (context === undefined) return undefined;
  if (isContext(context)) return cleanNames(context);
  throw new SyntaxError(
    `Cannot use the study ${study.path}: it must say what it is of, as a sweep writes it: something is missing or of another kind; run the sweep again under another --study`,
  );
}

/** What the reports of a study tell of how it was made. */
export interface ContextSource {
  /** What reports call the study. */
  name: string;
  /** What students learn from. */
  teacher: Teacher;
  /** What the teacher scores. */
  accuracy: Accuracy;
  /** The images. */
  dataset: SplitDataset;
  /** Where it is computed. */
  backend: BackendInUse;
  /** Seconds spent on the study before this call, on features for example. */
  secondsBefore?: number;
  /** Told in a sentence why what was kept is not used. */
  onNote?: (note: string) => void;
}

/** The context that there is; none, with a word, where it isn't what was written. */
function readEarlier(
  study: Study<StudyFormat>,
  onNote?: (note: string) => void,
): ReturnType<typeof readContext> {
  try {
    return readContext(study);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onNote?.(`the study's time is counted anew: ${error.message}`);
    return undefined;
  }
}

/**
 * Does `work`, which trains something if `trains` says so, and keeps in the study,
 * before and after, what its reports need: teacher, data, backend, and the seconds
 * spent on it so far.
 */
export async function keepContext(
  study: Study<StudyFormat>,
  { trains, ...source }: ContextSource & { trains: boolean },
  work: () => Promise<void>,
): Promise<void> {
  const { name, teacher, accuracy, dataset, backend } = source;
  const { secondsBefore = 0, onNote } = source;
  const began = performance.now();
  const earlier = readEarlier(study, onNote);
  const before = (earlier?.seconds ?? 0) + secondsBefore;
  // A run that trains nothing doesn't change where the trials were trained.
  const { name: backendName, adapter } = earlier && !trains
    ? earlier.backend
    : backend;
  const { parameters, classes } = formOf(teacher);
  const save = () =>
    writeContext(study, {
      study: name,
      dataset: {
        name: dataset.name,
        sha256: dataset.sha256,
        train: dataset.train.count,
        validation: dataset.validation.count,
        test: dataset.test.count,
      },
      backend: { name: backendName, adapter },
      teacher: {
        parameters,
        bytes: teacher.bytes,
        accuracy,
        split: findTeacherSplit(teacher, dataset),
      },
      classes,
      testLabels: bytesOfLabels(dataset.test.labels).toBase64(),
      seconds: before + (performance.now() - began) / 1000,
    });
  save();
  try {
    await work();
  } finally {
    save();
  }
}

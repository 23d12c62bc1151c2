import { sha256Hex } from "../core/data/formats/idx_file.ts";
import type { SplitDataset } from "../core/data/split.ts";
import { decodeDram } from "../core/infer/decode_dram.ts";
import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import { countParameters } from "../core/models/cost.ts";
import { formatLayers } from "../core/models/format_layers.ts";
import { keepImproving } from "../core/charts/keep_improving.ts";
import type { Accuracy } from "../core/study/estimate.ts";
import { classifyInWorkers } from "./classify_in_workers.ts";
import { hashedPath } from "./hashed_path.ts";
import { measureAccuracy } from "./measure_accuracy.ts";
import type { ModelFile } from "./model_file.ts";
import type { SiteModel } from "./site_data.ts";

/** A file that has been asked for its answers. */
export interface ScoredFile {
  /** The file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What the site says of it. */
  model: SiteModel;
  /** The class that it gives to each test image. */
  classes: Uint16Array<ArrayBuffer>;
}

/** Far below one image: what a manifest's decimals may lose. */
const ROUNDING = 1e-9;

/** Throws unless a file scores what its manifest says. */
function checkScores({ name, expected }: ModelFile, found: Accuracy): void {
  if (!expected) return;
  for (const part of ["validation", "test"] as const) {
    if (Math.abs(found[part] - expected[part]) < ROUNDING) continue;
    throw new Error(
      `Cannot put ${name} on the site: it must score what its manifest says: ${
        expected[part]
      } on ${part} images: it scores ${
        found[part]
      }; is this the data that it was made with?`,
    );
  }
}

/** Marks the files that no other matches on validation in as few bytes; the teacher is none. */
function markFrontier(files: ScoredFile[]): void {
  const candidates = files
    .filter(({ model }) => model.family !== "teacher")
    .map(({ model }) => model);
  const best = keepImproving(
    candidates,
    ({ bytes }) => bytes,
    ({ accuracy }) => accuracy.validation,
  );
  for (const model of best) model.frontier = true;
}

/**
 * Reads each of `files` back and asks it for all validation and test images, by the
 * direct path; the files from the smallest, with what the site says of them. The
 * test images decide nothing. Beside them the test classes of `reference`, a model
 * in no file.
 *
 * Throws an `Error` where a file doesn't score what its manifest says, and what
 * `decodeDram` throws.
 */
export async function scoreFiles(
  files: ModelFile[],
  { reference, dataset: { validation, test }, onProgress }: {
    /** A model to compare answers with. */
    reference: EncodedModel;
    /** Whose images are classified. */
    dataset: SplitDataset;
    /** Told the images that are done, and all of them. */
    onProgress?: (done: number, total: number) => void;
  },
): Promise<{ scored: ScoredFile[]; reference: Uint16Array<ArrayBuffer> }> {
  const models = files.map(({ bytes }) => decodeDram(bytes));
  const total = validation.count + test.count;
  const chosenBy = await classifyInWorkers(
    models,
    validation,
    (done) => onProgress?.(done, total),
  );
  const reported = await classifyInWorkers(
    [...models, reference],
    test,
    (done) => onProgress?.(validation.count + done, total),
  );
  const scored = await Promise.all(files.map(async (file, index) => {
    const { bytes, name, family, title, hidden, loss, seed } = file;
    const accuracy = {
      validation: measureAccuracy(chosenBy[index], validation.labels),
      test: measureAccuracy(reported[index], test.labels),
    };
    checkScores(file, accuracy);
    const { spec } = models[index];
    const sha256 = await sha256Hex(bytes);
    const model: SiteModel = {
      name,
      family,
      title,
      layers: formatLayers(spec),
      file: hashedPath(`models/${name}.dram`, sha256),
      bytes: bytes.length,
      sha256,
      parameters: countParameters(spec),
      accuracy,
      hidden,
      loss,
      seed,
      frontier: false,
    };
    return { bytes, model, classes: reported[index] };
  }));
  scored.sort((a, b) => a.bytes.length - b.bytes.length);
  markFrontier(scored);
  return { scored, reference: reported[files.length] };
}

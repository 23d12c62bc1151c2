import type { Examples } from "../../core/data/dataset.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import { extractFeatures } from "../../core/distill/extract_features.ts";
import type { FeatureStore } from "../../core/distill/feature_store.ts";
import { useWasm } from "../../core/device/wasm.ts";
import {
  type LoadedModel,
  loadModel,
} from "../../core/models/formats/load_model.ts";
import { makeManifest } from "../../core/models/manifest.ts";
import { saveModel } from "../../core/models/save_model.ts";
import { randomStream } from "../../core/random/stream.ts";
import { trainTeacher } from "../../core/train/train_teacher.ts";
import type { TrainingSpec } from "../../core/train/train.ts";

const SIDE = 8;

/** How the small models of examples are trained: in well under a second. */
export const BARS_TRAINING: Omit<TrainingSpec, "seed"> = {
  epochs: 6,
  batchSize: 16,
  patience: 6,
  optimiser: { kind: "adam" },
  schedule: { kind: "constant", rate: 3e-3 },
};

/** `count` images: a noisy bar that stands (0), lies (1) or leans (2). */
function drawBars(count: number, part: string): Examples {
  const random = randomStream(1, "bars", part);
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    labels[image] = image % 3;
    const place = 1 + random.below(SIDE - 2);
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE];
      const leaning = (row + column) % SIDE;
      const lit = [column, row, leaning][labels[image]] === place;
      images[image * SIDE * SIDE + pixel] = random.below(80) + (lit ? 170 : 0);
    }
  }
  return { count, shape: [SIDE, SIDE, 1], images, labels };
}

/** Bars in three directions, 8×8: 96 to learn, 24 to choose, 24 to report. */
export function makeBars(): SplitDataset {
  return {
    name: "bars",
    shape: [SIDE, SIDE, 1],
    classes: 3,
    classNames: ["stands", "lies", "leans"],
    augmentation: "none",
    train: drawBars(96, "train"),
    validation: drawBars(24, "validation"),
    test: drawBars(24, "test"),
    sha256: {},
    split: { seed: 1, validation: 24 },
  };
}

/** The folder of a teacher of bars, trained on Wasm. */
async function trainBarsTeacher(): Promise<string> {
  const dataset = makeBars();
  const configuration = { ...BARS_TRAINING, seed: 1, shift: 0 };
  const { spec, weights, scores } = await trainTeacher(dataset, configuration);
  const backend = { name: "wasm", adapter: null, reason: "" } as const;
  const folder = await Deno.makeTempDir();
  await saveModel(
    folder,
    weights,
    makeManifest({ spec, configuration, backend, dataset, scores }),
  );
  return folder;
}

let teacherFolder: Promise<string> | undefined;

/** A teacher of bars, trained once in a process, saved and loaded again; on Wasm. */
export async function makeBarsTeacher(): Promise<LoadedModel> {
  return await loadModel(await makeBarsFolder());
}

/** The folder that it is saved in. */
export async function makeBarsFolder(): Promise<string> {
  await useWasm();
  return await (teacherFolder ??= trainBarsTeacher());
}

/** Bars, their teacher, and its features and logits of them. */
export async function makeBarsStore(): Promise<{
  dataset: SplitDataset;
  teacher: LoadedModel;
  store: FeatureStore;
}> {
  const dataset = makeBars();
  const teacher = await makeBarsTeacher();
  const store = await extractFeatures(teacher, dataset, {
    cache: await Deno.makeTempDir(),
    backend: "wasm",
    workers: 1,
  });
  return { dataset, teacher, store };
}

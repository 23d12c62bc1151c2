import type { CompressionTask } from "../../../../core/compress/pipeline/compression_task.ts";
import type { Retraining } from "../../../../core/compress/pipeline/stage.ts";
import {
  type MaskedModel,
  withoutMasks,
} from "../../../../core/compress/prune/masked_model.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { trainImages } from "../../../../core/train/train_images.ts";
import { BARS_TRAINING, makeBars } from "../../bars.ts";

/** Retrains in a tenth of a second. */
export const RETRAINING: Retraining = { ...BARS_TRAINING, epochs: 2 };

const { train, validation, test } = makeBars();

/** Images that nothing was chosen by. */
export const TEST = test;

/** Bars, learnt from their labels. */
export const TASK: CompressionTask = {
  training: { examples: train },
  observed: train,
  validation: { examples: validation },
  loss: { kind: "cross-entropy" },
  seed: 1,
  labels: ["stands", "lies", "leans"],
  teacherBytes: 123_456,
};

/** A small model of bars, trained on Wasm in a second. */
export async function makeSmallModel(): Promise<MaskedModel> {
  await useWasm();
  const spec = parseLayers("conv3x6,max2,dense12", {
    name: "small",
    input: [8, 8, 1],
    classes: 3,
  });
  const { weights } = await trainImages(
    { ...TASK, spec },
    { ...BARS_TRAINING, epochs: 8, seed: 1 },
  );
  return withoutMasks({ spec, weights });
}

import { assertEquals } from "@std/assert";
import { photoAugmentation } from "../../core/data/augmentation.ts";
import { searchTraining } from "../../cli/options/search_options.ts";
import {
  QUICK_TRAINING,
  SEARCH_TRAINING,
} from "../../core/search/search_training.ts";

/** What a search's training is told of MNIST. */
const MNIST = {
  train: {
    count: 55_000,
    shape: [28, 28, 1] as const,
    images: new Uint8Array(),
    labels: new Uint8Array(),
  },
  augmentation: "digits" as const,
  shape: [28, 28, 1] as const,
};

Deno.test("without options a search trains as its presets say", () => {
  for (const preset of [SEARCH_TRAINING, QUICK_TRAINING]) {
    assertEquals(searchTraining(preset, { epochs: undefined }, MNIST), preset);
  }
});

Deno.test("options change what they say and nothing else", () => {
  const given = { quantisedEpochs: 3, steps: "powers", copies: 2, examples: 9 };
  assertEquals(searchTraining(SEARCH_TRAINING, given, MNIST), {
    ...SEARCH_TRAINING,
    epochs: { ...SEARCH_TRAINING.epochs, quantised: 3 },
    powerOfTwo: true,
    pool: { ...SEARCH_TRAINING.pool, copies: 2 },
    examplesPerEpoch: 9,
  });
});

Deno.test("a search of photos varies them as photos, unless it is told", () => {
  const photos = { ...MNIST, augmentation: "photos" as const };
  const { pool } = searchTraining(SEARCH_TRAINING, {}, photos);
  assertEquals(pool.augmentation, photoAugmentation([28, 28, 1]));
  assertEquals(
    searchTraining(SEARCH_TRAINING, { augment: "digits" }, photos),
    SEARCH_TRAINING,
  );
});

import { assertEquals } from "@std/assert";
import { searchTraining } from "../../cli/options/search_options.ts";
import {
  QUICK_TRAINING,
  SEARCH_TRAINING,
} from "../../core/search/search_training.ts";

Deno.test("without options a search trains as its presets say", () => {
  for (const preset of [SEARCH_TRAINING, QUICK_TRAINING]) {
    assertEquals(searchTraining(preset, { epochs: undefined }, 55_000), preset);
  }
});

Deno.test("options change what they say and nothing else", () => {
  const given = { quantisedEpochs: 3, steps: "powers", copies: 2, examples: 9 };
  assertEquals(searchTraining(SEARCH_TRAINING, given, 55_000), {
    ...SEARCH_TRAINING,
    epochs: { ...SEARCH_TRAINING.epochs, quantised: 3 },
    powerOfTwo: true,
    pool: { ...SEARCH_TRAINING.pool, copies: 2 },
    examplesPerEpoch: 9,
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import {
  COMPACT_OPTIONS,
  compactConfiguration,
  POOL_OPTIONS,
  poolSpec,
} from "../../cli/options/compact_options.ts";
import {
  NO_AUGMENTATION,
  photoAugmentation,
} from "../../core/data/augmentation.ts";
import type { AugmentationName, ImageShape } from "../../core/data/dataset.ts";
import { UsageError } from "../../cli/terminal/errors.ts";
import { parseOptions } from "../../cli/options/parse_options.ts";
import {
  COMPACT_CONFIGURATION,
  COMPACT_POOL,
} from "../../core/compress/compact/compact_configuration.ts";

function configure(...args: string[]) {
  const values = parseOptions(args, COMPACT_OPTIONS);
  return compactConfiguration(values, { seed: 1, images: 55_000 });
}

Deno.test("without options compact trains as core's defaults say", () => {
  assertEquals(configure(), COMPACT_CONFIGURATION);
  assertEquals(poolOf("digits", [28, 28, 1]), COMPACT_POOL);
});

Deno.test("a model of integers is asked for, with the bits of what is between layers", () => {
  assertEquals(configure("--integers"), {
    ...COMPACT_CONFIGURATION,
    integers: { activationBits: 8 },
  });
  const few = configure("--integers", "--activation-bits", "4");
  assertEquals(few.integers, { activationBits: 4 });
  assertThrows(
    () => configure("--activation-bits", "4"),
    UsageError,
    "give --integers too",
  );
});

/** The pool of images of a kind that the options ask for. */
function poolOf(
  augmentation: AugmentationName,
  shape: ImageShape,
  ...args: string[]
) {
  return poolSpec(parseOptions(args, POOL_OPTIONS), { augmentation, shape });
}

Deno.test("copies are varied as the data may be, unless the options say how", () => {
  const photos = poolOf("photos", [32, 32, 3]).augmentation;
  assertEquals(photos, photoAugmentation([32, 32, 3]));
  assertEquals(
    poolOf("digits", [28, 28, 1], "--augment", "photos").augmentation,
    photoAugmentation([28, 28, 1]),
  );
  assertEquals(
    poolOf("photos", [32, 32, 3], "--augment", "none").augmentation,
    NO_AUGMENTATION,
  );
  const bent = poolOf("photos", [32, 32, 3], "--shift", "0", "--elastic", "9");
  assertEquals(bent.augmentation, {
    ...photos,
    shift: 0,
    elastic: { amplitude: 9, deviation: 4 },
  });
});

Deno.test("layers may have bits of their own, of the kernel or of both", () => {
  const { layerBits } = configure("--layer-bits", "conv1=8, logits=3/16");
  assertEquals(layerBits, {
    conv1: { kernel: 8 },
    logits: { kernel: 3, bias: 16 },
  });
});

Deno.test("steps are float16s or powers of two, losses have their terms", () => {
  assertEquals(configure("--steps", "powers").powerOfTwo, true);
  assertEquals(configure("--steps", "halves").powerOfTwo, false);
  assertEquals(configure("--loss", "labels").loss, { kind: "cross-entropy" });
  assertEquals(configure("--temperature", "2", "--alpha", "0.5").loss, {
    kind: "distillation",
    temperature: 2,
    alpha: 0.5,
  });
});

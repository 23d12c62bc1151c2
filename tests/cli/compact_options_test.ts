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
import { withoutDefaults } from "../../cli/options/defaults.ts";
import { UsageError } from "../../cli/terminal/errors.ts";
import { parseOptions } from "../../cli/options/parse_options.ts";
import { parseCompactRecipe } from "../../core/compress/compact/compact_recipe.ts";
import {
  COMPACT_CONFIGURATION,
  COMPACT_POOL,
} from "../../core/compress/compact/compact_configuration.ts";

function configure(...args: string[]) {
  const values = parseOptions(args, COMPACT_OPTIONS);
  return compactConfiguration(values, { images: 55_000 });
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

Deno.test("what is given stands above a recipe, and what isn't is as the recipe says", () => {
  const recipe = parseCompactRecipe(
    JSON.stringify({
      configuration: {
        layers: "pool2,conv3x4",
        bits: { kernel: 2 },
        integers: { activationBits: 6 },
        balanced: true,
        atLeast: 0.9,
        loss: { kind: "distillation", temperature: 2, alpha: 0.5 },
        epochs: { float: 7 },
        pool: { copies: 3, augmentation: { shift: 2 } },
        seed: 9,
      },
    }),
    "recipe.json",
  );
  assertEquals(recipe.layers, "pool2,conv3x4");
  const configureFrom = (...args: string[]) =>
    compactConfiguration(
      parseOptions(args, withoutDefaults(COMPACT_OPTIONS)),
      { images: 55_000, recipe: recipe.configuration },
    );
  assertEquals(configureFrom(), {
    ...COMPACT_CONFIGURATION,
    bits: { kernel: 2, bias: 4 },
    integers: { activationBits: 6 },
    balanced: true,
    atLeast: 0.9,
    loss: { kind: "distillation", temperature: 2, alpha: 0.5 },
    epochs: { float: 7, quantised: 60 },
    seed: 9,
  });
  const given = configureFrom("--bits", "5", "--alpha", "0.7", "--epochs", "1");
  assertEquals([given.bits.kernel, given.epochs.float], [5, 1]);
  assertEquals(configureFrom("--at-least", "0.5").atLeast, 0.5);
  assertEquals(given.loss, {
    kind: "distillation",
    temperature: 2,
    alpha: 0.7,
  });
  assertEquals(configureFrom("--loss", "labels").loss.kind, "cross-entropy");
  const pool = poolSpec(
    parseOptions(["--copies", "4"], withoutDefaults(POOL_OPTIONS)),
    { augmentation: "digits", shape: [28, 28, 1] },
    recipe.pool,
  );
  assertEquals([pool.copies, pool.augmentation.shift], [4, 2]);
});

for (
  const [fields, rule] of [
    ['"layers": 3', "layers must be the text of layers"],
    ['"bits": { "kernel": 33 }', "bits.kernel must be an integer from 1 to 32"],
    ['"bits": { "kernels": 3 }', "found bits.kernels"],
    ['"layerBits": { "conv1": { "kernel": 0 } }', "layerBits must be"],
    ['"balanced": 1', "balanced must be true or false"],
    ['"atLeast": 98', "atLeast must be a number from 0 to 1"],
    ['"averaging": 1', "averaging must be a number from 0, below 1"],
    ['"integers": { "activationBits": 9 }', "integers.activationBits must be"],
    ['"sparsity": 0.5', "found sparsity"],
  ]
) {
  Deno.test(`a recipe with ${fields} is refused`, () => {
    assertThrows(
      () => parseCompactRecipe(`{ ${fields} }`, "recipe.json"),
      SyntaxError,
      rule,
    );
  });
}

Deno.test("the recipes of shipped compact files say what their commands say", async () => {
  for (const name of ["digits-95", "digits-98", "digits-99"]) {
    const manifest = await Deno.readTextFile(
      new URL(`../../models/compact/${name}.json`, import.meta.url),
    );
    const { configuration } = JSON.parse(manifest);
    const { layers, pool, configuration: read } = parseCompactRecipe(
      manifest,
      name,
    );
    assertEquals({ layers, ...read, pool }, configuration);
  }
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

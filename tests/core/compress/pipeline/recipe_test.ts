import { photoAugmentation } from "../../../../core/data/augmentation.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  COMPRESSION_RECIPE,
  parseRecipe,
} from "../../../../core/compress/pipeline/recipe.ts";
import {
  changeRecipe,
  COMPRESS_OPTIONS,
} from "../../../../cli/options/compress_options.ts";
import { parseOptions } from "../../../../cli/options/parse_options.ts";

/** Words of a command line as a shell makes them of `line`. */
function splitLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) =>
    quoted ?? word
  );
}

for (const name of ["lenet-300-100", "lenet-5", "student-6"]) {
  const path = new URL(
    `../../../../models/compact/${name}.json`,
    import.meta.url,
  );
  const text = await Deno.readTextFile(path);
  const { configuration, command } = JSON.parse(text);

  Deno.test(`the manifest of ${name} is a recipe: what it was compressed by`, () => {
    assertEquals(parseRecipe(text, name), configuration);
    assertEquals(
      parseRecipe(JSON.stringify(configuration), name),
      configuration,
    );
  });

  Deno.test(`the command of ${name} still asks for what it was compressed by`, () => {
    // After the command's name; what isn't part of a recipe is left out.
    const words = splitLine(command).slice(1, -1);
    const own = ["--out", "--tries", "--stages"];
    const args = words.flatMap((word, place) =>
      own.includes(word) || own.includes(words[place - 1]) ? [] : [word]
    );
    const values = parseOptions(args, COMPRESS_OPTIONS);
    const images = 55_000;
    assertEquals(
      changeRecipe(COMPRESSION_RECIPE, values, { images }),
      configuration,
    );
  });
}

Deno.test("options stand above a recipe, which stands above what is usual", () => {
  const recipe = parseRecipe(
    JSON.stringify({
      widths: { conv1: 8 },
      form: { kind: "quantise", bits: 3 },
    }),
    "it",
  );
  assertEquals(recipe.form, {
    kind: "quantise",
    bits: 3,
    perChannel: false,
    powerOfTwo: true,
    ratePenalty: 0,
  });
  const change = (...args: string[]) =>
    changeRecipe(
      recipe,
      parseOptions(["--recipe", "it", ...args], COMPRESS_OPTIONS),
      { images: 9 },
    );
  assertEquals(change(), { ...recipe, examplesPerEpoch: 9 });
  const { form, widths, sparsity, pool } = change(
    ...["--bits", "2,4", "--widths", "conv2=4", "--sparsity", "0"],
    ...["--copies", "3"],
  );
  assertEquals(form, { ...recipe.form, bits: [2, 4] });
  assertEquals([widths, sparsity, pool.copies], [{ conv2: 4 }, 0, 3]);
  assertEquals(change("--entries", "4").form, { kind: "share", entries: 4 });
});

Deno.test("a recipe that doesn't say how images are varied has it as is usual for them", () => {
  const photos = photoAugmentation([32, 32, 3]);
  const usual = {
    ...COMPRESSION_RECIPE,
    pool: { ...COMPRESSION_RECIPE.pool, augmentation: photos },
  };
  assertEquals(parseRecipe("{}", "it", usual), usual);
  const text = JSON.stringify({
    pool: { augmentation: { flip: false, shift: 1 } },
  });
  const { flip: _, ...still } = photos;
  assertEquals(parseRecipe(text, "it", usual).pool.augmentation, {
    ...still,
    shift: 1,
  });
  const digits = JSON.stringify(COMPRESSION_RECIPE);
  assertEquals(parseRecipe(digits, "it"), COMPRESSION_RECIPE);
});

for (
  const [text, message] of [
    ["[1]", "Cannot read it: it must be a JSON object"],
    ['{ "sparsity": 1 }', "sparsity must be a number from 0, below 1: it is 1"],
    ['{ "sparsity": null }', "sparsity must be"],
    ['{ "thinRounds": 1.5 }', "thinRounds must be an integer from 1 to 100"],
    ['{ "scope": "all" }', "scope must be layer or global or lamp"],
    ['{ "widths": { "conv1": 0 } }', "widths must be integers"],
    ['{ "epochs": 3 }', "epochs must be an object"],
    ['{ "epochs": { "last": 0 } }', "epochs.last must be an integer"],
    ['{ "epochs": { "first": 1 } }', "found epochs.first"],
    ['{ "form": { "kind": "other" } }', "form.kind must be share or quantise"],
    ['{ "form": { "bits": 3 } }', "found form.bits"],
    ['{ "form": { "kind": "quantise", "bits": 9 } }', "form.bits must be"],
    ['{ "form": { "kind": "share", "entries": [] } }', "form.entries must be"],
    ['{ "loss": { "kind": "hinge" } }', "it's loss: it must be a known loss"],
    [
      '{ "pool": { "augmentation": { "scale": 2 } } }',
      "scale must be a number",
    ],
    [
      '{ "pool": { "augmentation": { "elastic": { "deviation": 0 } } } }',
      "must be > 0",
    ],
    [
      '{ "pool": { "augmentation": { "border": "wrap" } } }',
      "border must be edge or zero",
    ],
    ['{ "name": "mine" }', "found name"],
    ['{ "configuration": { "copies": 3 } }', "found copies"],
  ]
) {
  Deno.test(`a recipe is refused: ${text}`, () => {
    const error = assertThrows(() => parseRecipe(text, "it"), Error);
    assertEquals(error.message.includes(message), true, error.message);
  });
}

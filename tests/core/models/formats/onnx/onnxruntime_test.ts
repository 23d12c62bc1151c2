/**
 * ONNX files of every kind of operator: each is loaded as a row of our layers that gives
 * what ONNX Runtime gives. Its package has a lock file of its own, which the bench has too.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import {
  type LoadedModel,
  loadModel,
} from "../../../../../core/models/formats/load_model.ts";
import { permute } from "../../../../../core/files/permute.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import { hasOnnxRuntime, OWN_LOCK } from "./has_onnxruntime.ts";
import { LOADED } from "./made_models.ts";
import { changeModel } from "./mutate_onnx.ts";
import { type Made, writeModel } from "./write_model.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const IMAGES = 5;
/** Pixels that a changed model's images may have together. */
const MOST_PIXELS = 1e4;

/** A model and images for it, in the file's layout. */
interface Asked {
  what: string;
  made: Made;
  model: LoadedModel;
  shape: number[];
  pixels: Float32Array<ArrayBuffer>;
}

/** What ONNX Runtime answers to each: numbers, or why it doesn't. */
async function askOnnxRuntime(asked: Asked[]): Promise<(number[] | string)[]> {
  const folder = await Deno.makeTempDir();
  const models = [];
  for (const [index, { made, shape, pixels }] of asked.entries()) {
    const file = `${index}.onnx`;
    await Deno.writeFile(`${folder}/${file}`, writeModel(made));
    models.push({ file, shape, pixels: Array.from(pixels) });
  }
  await Deno.writeTextFile(`${folder}/models.json`, JSON.stringify(models));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", ...OWN_LOCK],
      ...["--allow-read", "--allow-env", "--allow-sys"],
      ...[here("run_onnxruntime.ts"), folder],
    ],
    stderr: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return JSON.parse(lines.at(-1) ?? "");
}

/** `made`, if it is read and its images are small, with images. */
async function prepare(what: string, made: Made): Promise<Asked> {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  try {
    await Deno.writeFile(file, writeModel(made));
    const model = await loadModel(file);
    const shape = [IMAGES, ...made.input.slice(1).map(Number)];
    const random = randomStream(22, "pixels");
    const pixels = Float32Array.from(
      { length: Math.min(MOST_PIXELS, shape.reduce((a, b) => a * b)) },
      () => random.uniform(),
    );
    return { what, made, model, shape, pixels };
  } finally {
    await Deno.remove(file);
  }
}

/** The images as our layers read them: channels last. */
function toOurs(
  { model: { spec: { input: [height, width, channels] } }, shape, pixels }:
    Asked,
): Float32Array<ArrayBuffer> {
  const first = [channels, height, width];
  const isFirst = shape.length === 4
    ? shape.slice(1).join() === first.join()
    : shape.length === 2;
  return isFirst
    ? permute({ shape: [shape[0], ...first], values: pixels }, [0, 2, 3, 1])
      .values
    : pixels;
}

/** `row` less what makes the sum of its exponentials 1. */
function logSoftmax(row: number[]): number[] {
  const most = Math.max(...row);
  const sum = row.reduce((total, each) => total + Math.exp(each - most), 0);
  return row.map((each) => each - most - Math.log(sum));
}

/** Throws unless our logits, or what the last operator makes of them, are `given`. */
function assertAnswers(
  asked: Asked,
  given: number[],
  tolerance: number,
): void {
  const { what, made, model: { spec, weights } } = asked;
  const { logits } = prepareDirect(spec, weights, []).classify(toOurs(asked));
  assertEquals(logits.length, given.length, what);
  const classes = logits.length / IMAGES;
  const end = made.nodes.findLast(([, , output]) =>
    [output].flat().includes("y")
  );
  for (let image = 0; image < IMAGES; image++) {
    const row = (values: ArrayLike<number>) =>
      Array.from(values).slice(image * classes, (image + 1) * classes);
    const own = end?.[0].endsWith("oftmax")
      ? logSoftmax(row(logits))
      : row(logits);
    const wanted = end?.[0] === "Softmax"
      ? row(given).map(Math.log)
      : row(given);
    own.forEach((each, at) =>
      assert(
        Math.abs(each - wanted[at]) < tolerance * (1 + Math.abs(wanted[at])),
        `${what}: ${own}, not ${wanted}`,
      )
    );
  }
}

Deno.test({
  name:
    "ONNX files of every operator answer as in ONNX Runtime (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async (test) => {
    const asked = [];
    for (const [what, made] of Object.entries(LOADED)) {
      asked.push(await prepare(what, made));
    }
    const answers = await askOnnxRuntime(asked);
    for (const [index, each] of asked.entries()) {
      await test.step(each.what, () => {
        const given = answers[index];
        if (typeof given === "string") throw new Error(given);
        assertAnswers(each, given, 1e-5);
      });
    }
  },
});

Deno.test({
  name:
    "ONNX files changed at random that are read answer as in ONNX Runtime where that reads them (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const random = randomStream(5, "changed");
    const cases = Object.entries(LOADED);
    const asked = [];
    for (let count = 0; count < 300; count++) {
      const [what, made] = cases[Math.floor(random.uniform() * cases.length)];
      const changed = changeModel(made, random);
      const each = await prepare(what, changed).catch(() => undefined);
      const size = each?.shape.reduce((a, b) => a * b) ?? Infinity;
      const [batch] = changed.input;
      const isAny = typeof batch === "string" || batch === IMAGES;
      // Weights that were made 1e30 times as large overflow here or there.
      const isLarge = each?.model.weights.some(({ values }) =>
        values.some((weight) => Math.abs(weight) > 1e6)
      );
      if (each && isAny && !isLarge && size < MOST_PIXELS) asked.push(each);
    }
    const answers = await askOnnxRuntime(asked);
    let compared = 0;
    for (const [index, given] of answers.entries()) {
      // It refuses types that are mixed, which are read here.
      if (typeof given === "string") continue;
      assertAnswers(asked[index], given, 1e-4);
      compared++;
    }
    assert(compared > 30, `${compared} of ${asked.length} compared`);
  },
});

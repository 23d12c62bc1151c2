/**
 * ONNX files of every kind of operator: each is loaded as a row of our layers that gives
 * what ONNX Runtime gives. Its package has a lock file of its own, which the bench has too.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { permute } from "../../../../../core/models/formats/onnx/permute.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import { CLASSES, LOADED } from "./made_models.ts";
import { type Made, writeModel } from "./write_model.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const OWN_LOCK = [
  ...["--no-config", "--node-modules-dir=none", "--frozen"],
  `--lock=${here("../../../../../bench/peers/onnxruntime_web.lock")}`,
];

const { success: hasOnnxRuntime } = await new Deno.Command(Deno.execPath(), {
  args: ["cache", ...OWN_LOCK, "npm:onnxruntime-web@1.30.0"],
  stdout: "null",
  stderr: "null",
}).output();

const IMAGES = 5;

/** Whether a file's images have their channels first. */
const isFirst = ({ input }: Made) =>
  input.length === 4 && Number(input[1]) < Number(input[3]);

/** Pixels as the file reads them, and as our layers do. */
function drawPixels(made: Made): {
  shape: number[];
  theirs: Float32Array<ArrayBuffer>;
  ours: Float32Array<ArrayBuffer>;
} {
  const shape = [IMAGES, ...made.input.slice(1).map(Number)];
  const random = randomStream(22, "pixels");
  const theirs = Float32Array.from(
    { length: shape.reduce((a, b) => a * b) },
    () => random.uniform(),
  );
  return { shape, theirs, ours: theirs };
}

/** `row` less what makes the sum of its exponentials 1. */
function logSoftmax(row: number[]): number[] {
  const most = Math.max(...row);
  const sum = row.reduce((total, each) => total + Math.exp(each - most), 0);
  return row.map((each) => each - most - Math.log(sum));
}

Deno.test({
  name:
    "ONNX files of every operator answer as in ONNX Runtime (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async (test) => {
    const folder = await Deno.makeTempDir();
    const cases = Object.entries(LOADED);
    const models = [];
    for (const [index, [, made]] of cases.entries()) {
      const file = `${index}.onnx`;
      await Deno.writeFile(`${folder}/${file}`, writeModel(made));
      const { shape, theirs } = drawPixels(made);
      models.push({ file, shape, pixels: Array.from(theirs) });
    }
    await Deno.writeTextFile(`${folder}/models.json`, JSON.stringify(models));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "--no-prompt", ...OWN_LOCK],
        ...["--allow-read", "--allow-env", "--allow-sys"],
        ...[here("run_onnxruntime.ts"), folder],
      ],
      stderr: "inherit",
    }).output();
    const answers: (number[] | string)[] = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    for (const [index, [what, made]] of cases.entries()) {
      await test.step(what, async () => {
        const given = answers[index];
        if (typeof given === "string") throw new Error(given);
        const { spec, weights } = await loadModel(`${folder}/${index}.onnx`);
        const { shape, theirs } = drawPixels(made);
        const ours = isFirst(made) || what.includes("becomes an image")
          ? permute({
            shape: isFirst(made) ? shape : [IMAGES, 2, 5, 4],
            values: theirs,
          }, [0, 2, 3, 1]).values
          : theirs;
        const labels = Array.from({ length: CLASSES }, (_, i) => `${i}`);
        const { logits } = prepareDirect(spec, weights, labels).classify(ours);
        assertEquals(logits.length, given.length);
        const last = made.nodes.at(-1)?.[0];
        for (let i = 0; i < IMAGES; i++) {
          const row = (values: ArrayLike<number>) =>
            Array.from(values).slice(i * CLASSES, (i + 1) * CLASSES);
          const found = row(logits);
          const wanted = last === "Softmax"
            ? row(given).map(Math.log)
            : row(given);
          const own = last?.endsWith("oftmax") ? logSoftmax(found) : found;
          own.forEach((each, at) =>
            assert(
              Math.abs(each - wanted[at]) < 1e-5 * (1 + Math.abs(wanted[at])),
              `${what}: ${own}, not ${wanted}`,
            )
          );
        }
      });
    }
    await Deno.remove(folder, { recursive: true });
  },
});

/**
 * Networks as PyTorch exports them: each is loaded as a row of our layers that answers as
 * in PyTorch, its own example for MNIST as the seed's network.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findPython } from "../../../../../bench/system.ts";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import { countParameters } from "../../../../../core/models/cost.ts";
import {
  type LoadedModel,
  loadModel,
} from "../../../../../core/models/formats/load_model.ts";
import { permute } from "../../../../../core/files/permute.ts";
import { teacherSpec } from "../../../../../core/models/teacher.ts";

const python = await findPython("torch");
const { success: hasTorch } = await new Deno.Command(python, {
  args: ["-c", "import torch.onnx, onnx"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

/** `row` less what makes the sum of its exponentials 1. */
function logSoftmax(row: number[]): number[] {
  const most = Math.max(...row);
  const sum = row.reduce((total, each) => total + Math.exp(each - most), 0);
  return row.map((each) => each - most - Math.log(sum));
}

/** What networks end in that give neither logits nor a softmax. */
const ENDS: Record<string, LoadedModel["ends"]> = {
  "sigmoids.onnx": "sigmoids",
  "binary.onnx": "one sigmoid",
};

/** Logits of an image as what the network in `file` gives. */
function convert(logits: number[], file: string): number[] {
  switch (file) {
    case "mnist.onnx":
      return logSoftmax(logits);
    case "view.onnx":
      return logSoftmax(logits).map(Math.exp);
    case "sigmoids.onnx":
      return logits.map((z) => 1 / (1 + Math.exp(-z)));
    case "binary.onnx":
      return logSoftmax(logits).map(Math.exp).slice(1);
    default:
      return logits;
  }
}

Deno.test({
  name: "networks exported by PyTorch answer as there (needs python3-torch)",
  ignore: !hasTorch,
  fn: async (test) => {
    const folder = await Deno.makeTempDir();
    const { success, stderr } = await new Deno.Command(python, {
      args: [
        fileURLToPath(new URL("torch_models.py", import.meta.url)),
        folder,
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const models: {
      file: string;
      shape: number[];
      pixels: number[];
      answers: number[];
    }[] = JSON.parse(await Deno.readTextFile(`${folder}/models.json`));
    for (const { file, shape, pixels, answers } of models) {
      await test.step(file, async () => {
        const { spec, weights, ends } = await loadModel(`${folder}/${file}`);
        const images = permute(
          { shape, values: Float32Array.from(pixels) },
          [0, 2, 3, 1],
        ).values;
        const { logits } = prepareDirect(spec, weights, []).classify(images);
        assertEquals(ends, ENDS[file]);
        const given = logits.length / shape[0];
        const classes = answers.length / shape[0];
        for (let image = 0; image < shape[0]; image++) {
          const row = (values: ArrayLike<number>, classes: number) =>
            Array.from(values).slice(image * classes, (image + 1) * classes);
          const wanted = row(answers, classes);
          const own = convert(row(logits, given), file);
          const off = own.findIndex((each, at) =>
            !(Math.abs(each - wanted[at]) < 1e-5)
          );
          assertEquals(off, -1, `${own}, not ${wanted}`);
          assertEquals(
            own.indexOf(Math.max(...own)),
            wanted.indexOf(Math.max(...wanted)),
          );
        }
        if (file !== "mnist.onnx") return;
        const named = spec.layers.map((layer) => ({ ...layer, name: "" }));
        const seed = teacherSpec().layers
          .filter(({ kind }) => kind !== "dropout")
          .map((layer) => ({ ...layer, name: "" }));
        assertEquals(named, seed);
        assertEquals(countParameters(spec), 1_199_882);
      });
    }
    await Deno.remove(folder, { recursive: true });
  },
});

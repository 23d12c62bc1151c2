/**
 * PyTorch's MNIST example, which is the seed's network, from its own training to the
 * seed's sweep: pictures in a folder, `torch.onnx.export`, `sweep --teacher`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findPython } from "../../bench/system.ts";
import { type Examples, readImages } from "../../core/data/dataset.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { runIn } from "./tiny_experiment.ts";

const python = await findPython("torch");
const { success: hasTorch } = await new Deno.Command(python, {
  args: ["-c", "import torch.onnx, onnx"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

/** Writes the first `count` of `examples` as PNGs, a folder a class. */
async function writePictures(
  folder: string,
  examples: Examples,
  count: number,
): Promise<void> {
  for (let image = 0; image < count; image++) {
    const place = `${folder}/${examples.labels[image]}`;
    await Deno.mkdir(place, { recursive: true });
    const pixels = new Uint8Array(readImages(examples, image, image + 1));
    await Deno.writeFile(
      `${place}/${image}.png`,
      encodePng({ shape: [28, 28, 1], pixels }),
    );
  }
}

Deno.test({
  name:
    "PyTorch's MNIST example is as right here as there, and teaches the seed's sweep (needs python3-torch and python3-onnx)",
  ignore: !hasTorch,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "retort-torch-" });
    const { train, test } = await loadMnist();
    await writePictures(`${folder}/digits/train`, train, 400);
    await writePictures(`${folder}/digits/test`, test, 150);
    const { success, stdout, stderr } = await new Deno.Command(python, {
      args: [
        fileURLToPath(new URL("torch_mnist.py", import.meta.url)),
        folder,
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const accuracy = Number(new TextDecoder().decode(stdout).trim());
    assert(accuracy > 0.5, `${accuracy}`);

    const args = [
      ...["--data", "digits", "--pixels", "1,0.1307,0.3081"],
      ...["--backend", "wasm", "--json"],
    ];
    const evaluated = await runIn(folder, ["evaluate", "torch.onnx", ...args]);
    assertEquals(evaluated.code, 0, evaluated.stderr);
    const scored = JSON.parse(evaluated.stdout);
    assertEquals([scored.accuracy, scored.count], [accuracy, 150]);
    assertEquals([scored.format, scored.parameters], ["onnx", 1_199_882]);

    const swept = await runIn(folder, [
      ...["sweep", "--teacher", "torch.onnx", "--hidden", "2,6", ...args],
      ...["--seeds", "1", "--loss", "logit-mse", "--epochs", "10"],
      ...["--batch", "32"],
    ]);
    assertEquals(swept.code, 0, swept.stderr);
    const { teacher, students } = JSON.parse(swept.stdout);
    assertEquals(teacher.accuracy.test, accuracy);
    assertEquals(teacher.parameters, 1_199_882);
    // The seed's own formula of a student's size.
    for (const { hidden, parameters } of students) {
      assertEquals(parameters, 18_816 + 9_227 * hidden + 10);
    }
    const [, six] = students;
    assert(six.accuracy.test > 0.3, `${six.accuracy.test}`);
    await Deno.remove(folder, { recursive: true });
  },
});

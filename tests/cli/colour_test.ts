/**
 * The whole way of colours, in small: shapes in CIFAR-10's binary form, a teacher of
 * them, a sweep of its students, a compressed file, a compact student with residual and
 * depthwise layers, out to other runtimes. `tests/colour/whole_way.ts` goes it in earnest.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { SHAPE_CLASSES } from "../colour/draw_shapes.ts";
import { writeCifarShapes, writeShapeFolder } from "../colour/write_shapes.ts";
import { readManifest } from "./model_folder.ts";
import { runIn } from "./tiny_experiment.ts";

const folder = await Deno.makeTempDir({ prefix: "retort-colour-" });
await writeCifarShapes(`${folder}/cifar`, { train: 500, test: 150 });

/** Runs a command on the shapes; gives what it says as JSON. */
async function runJson(...args: string[]) {
  const { code, stdout, stderr } = await runIn(folder, [
    ...args,
    ...["--json", ...(args[0] === "data" ? ["cifar"] : ["--data", "cifar"])],
    ...["--image", "16x16x3"],
  ]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What learns does so briefly, on one backend. */
const BRIEFLY = ["--backend", "wasm", "--batch", "16"];
const MIRRORED = { flip: true, border: "edge", shift: 2, scale: 0.1 };
const LAYERS =
  "conv3x8/2:same,res(conv3x8:same,conv3x8:same:linear),depth3/2:same,conv1x12,mean";

Deno.test("colours go the whole way: data, train, sweep, compress, compact, evaluate, export", async (t) => {
  await t.step("data", async () => {
    const { shape, classes, train, validation, test } = await runJson("data");
    assertEquals(shape, [16, 16, 3]);
    assertEquals(classes, SHAPE_CLASSES);
    assertEquals([train, validation, test], [458, 42, 150]);
  });

  let ofTeacher = 0;
  await t.step("train mirrors photos, and learns", async () => {
    await runJson(
      ...["train", "--model", "lenet-5", "--epochs", "7", ...BRIEFLY],
      ...["--learning-rate", "0.002", "--out", "teacher"],
    );
    const { configuration, scores } = readManifest(`${folder}/teacher`);
    assertEquals("flip" in configuration && configuration.flip, true);
    ofTeacher = scores.test.accuracy;
    assert(ofTeacher > 0.3, `${ofTeacher}`);
  });

  await t.step("sweep", async () => {
    const { dataset, students, teacher } = await runJson(
      ...["sweep", "--teacher", "teacher", "--hidden", "32", "--seeds", "1"],
      ...["--epochs", "20", "--loss", "logit-mse", ...BRIEFLY],
    );
    assertEquals([dataset.name, teacher.accuracy.test], ["cifar", ofTeacher]);
    const [{ accuracy, compression }] = students;
    assert(accuracy.test > 0.2, `${accuracy.test}`);
    assert(compression > 1);
  });

  await t.step("compress varies its images as photos", async () => {
    const recipe = { epochs: { prune: 1 }, examplesPerEpoch: 100 };
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(recipe));
    const { configuration, scores } = await runJson(
      ...["compress", "teacher", "--out", "compressed.dram", "--copies", "1"],
      ...["--rounds", "1", "--sparsity", "0.5", "--epochs", "1"],
      ...["--form-epochs", "1", "--recipe", "recipe.json"],
      ...["--teacher", "teacher", "--backend", "wasm"],
    );
    const { flip, border, shift, scale } = configuration.pool.augmentation;
    assertEquals({ flip, border, shift, scale }, MIRRORED);
    assert(scores.test.accuracy > 0.2, JSON.stringify(scores));
  });

  await t.step("compact with residual and depthwise layers", async () => {
    await runJson(
      ...["compact", "--teacher", "teacher", "--layers", LAYERS],
      ...["--epochs", "6", "--quantised-epochs", "2", "--bits", "6"],
      ...["--copies", "1", "--averaging", "0.9", "--batch", "32"],
      ...["--backend", "wasm"],
      ...["--out", "compact.dram"],
    );
    const { spec, labels } = decodeDram(
      await Deno.readFile(`${folder}/compact.dram`),
    );
    assertEquals(labels, [...SHAPE_CLASSES]);
    const expected = parseLayers(LAYERS, { input: [16, 16, 3], classes: 10 });
    assertEquals(spec.layers.map(({ kind }) => kind), [
      ...expected.layers.map(({ kind }) => kind),
    ]);
    assertEquals(spec.layers[1].kind, "residual");
    assertEquals(spec.layers[2].kind, "depthwiseConv2d");
  });

  let accuracy = 0;
  await t.step("evaluate, of CIFAR's records as of PNGs by class", async () => {
    ({ accuracy } = await runJson("evaluate", "compact.dram"));
    assert(accuracy > 0.2, `${accuracy}`);
    await writeShapeFolder(`${folder}/pictures`, {
      ...{ side: 32, train: 0, test: 150, seed: 0 },
    });
    const { code, stdout, stderr } = await runIn(folder, [
      ...["evaluate", "compact.dram", "--data", "pictures", "--json"],
      ...["--classes", SHAPE_CLASSES.join(), "--image", "16x16x3"],
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).accuracy, accuracy);
  });

  await t.step("export to ONNX and C", async () => {
    for (const [format, file] of [["onnx", "out.onnx"], ["c", "out.h"]]) {
      const { exports: [{ proof, absent }] } = await runJson(
        ...["export", "compact.dram", "--to", format, "--out", file],
      );
      if (proof) assertEquals(proof.images, 150);
      else assertMatch(absent, /./);
    }
  });
  await Deno.remove(folder, { recursive: true });
});

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import { forward } from "../../../core/models/forward.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { serveFolder } from "./serve_folder.ts";
import { makeFolder, SPEC, WEIGHTS } from "./tiny_folder.ts";

/** What stock tfjs, in a process of its own, says of `pixels` by the model in `folder`. */
async function askStock(folder: string, shape: number[], pixels: number[]) {
  await using server = serveFolder(folder);
  const fixture = new URL("stock_tfjs_fixture.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixture, `${server.url}/model.json`]
      .concat([JSON.stringify(shape), JSON.stringify(pixels)]),
    cwd: new URL("../../../", import.meta.url),
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(output.startsWith("{"), true, new TextDecoder().decode(stderr));
  return JSON.parse(output.trim());
}

/** The weights' file of a folder the other way round, as its `model.json` then says. */
async function reverseWeights(folder: string): Promise<void> {
  const json = JSON.parse(await Deno.readTextFile(`${folder}/model.json`));
  json.weightsManifest[0].weights.reverse();
  const values = WEIGHTS.toReversed().map(({ values }) => values);
  await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify(json));
  await Deno.writeFile(
    `${folder}/weights.bin`,
    new Uint8Array(await new Blob(values).arrayBuffer()),
  );
}

const random = randomStream(4);
const SHAPE = [5, ...SPEC.input];
const PIXELS = Array.from({ length: 5 * 42 }, () => random.uniform());

Deno.test("stock tfjs, with none of our code, loads a saved model and gives the same outputs", async () => {
  await using made = await makeFolder();
  const stock = await askStock(made.folder, SHAPE, PIXELS);
  const logits = forward(
    SPEC.layers,
    WEIGHTS.map(toTensor),
    tf.tensor(PIXELS, SHAPE),
  );
  const own = {
    parameters: WEIGHTS.reduce((sum, { values }) => sum + values.length, 0),
    logits: Array.from(await logits.data()),
    probabilities: Array.from(await tf.softmax(logits).data()),
  };
  assertEquals(stock.parameters, own.parameters);
  assertEquals(stock.logits.length, 15);
  for (const kind of ["logits", "probabilities"] as const) {
    own[kind].forEach((value, i) =>
      assertAlmostEquals(stock[kind][i], value, 1e-6)
    );
  }
});

Deno.test("a model whose weights lie in another order answers as it does in stock tfjs", async () => {
  await using made = await makeFolder();
  await reverseWeights(made.folder);
  const stock = await askStock(made.folder, SHAPE, PIXELS);
  const { spec, weights } = await loadModel(made.folder);
  const logits = await forward(
    spec.layers,
    weights.map(toTensor),
    tf.tensor(PIXELS, SHAPE),
  ).data();
  assertEquals(stock.logits.length, logits.length);
  logits.forEach((value, i) =>
    assertAlmostEquals(stock.logits[i], value, 1e-6)
  );
});

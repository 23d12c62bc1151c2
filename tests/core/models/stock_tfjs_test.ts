import { assertAlmostEquals, assertEquals } from "@std/assert";
import { forward } from "../../../core/models/forward.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { serveFolder } from "./serve_folder.ts";
import { makeFolder, SPEC, WEIGHTS } from "./tiny_folder.ts";

Deno.test("stock tfjs, with none of our code, loads a saved model and gives the same outputs", async () => {
  await using made = await makeFolder();
  await using server = serveFolder(made.folder);
  const random = randomStream(4);
  const shape = [5, ...SPEC.input];
  const pixels = Array.from({ length: 5 * 42 }, () => random.uniform());
  const fixture = new URL("stock_tfjs_fixture.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixture, `${server.url}/model.json`]
      .concat([JSON.stringify(shape), JSON.stringify(pixels)]),
    cwd: new URL("../../../", import.meta.url),
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(output.startsWith("{"), true, new TextDecoder().decode(stderr));
  const stock = JSON.parse(output.trim());

  const logits = forward(
    SPEC.layers,
    WEIGHTS.map(toTensor),
    tf.tensor(pixels, shape),
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

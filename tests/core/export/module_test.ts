import { assert, assertEquals } from "@std/assert";
import { writeJs } from "../../../core/export/js.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { smallModel } from "../infer/small_model.ts";

const USER =
  `import classify, { type Classification, labels, shape } from "./digits.js";

const answer: Classification = classify(new Uint8Array(784).fill(128));
const extents: [number, number, number] = shape;
let refused = "";
try {
  classify([1, 2]);
} catch (error) {
  refused = String(error);
}
console.log(JSON.stringify({ ...answer, logits: [...answer.logits], labels, extents, refused }));
`;

Deno.test("a program imports the module with its types, from a folder with nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const model = smallModel();
  for (const { name, content } of writeJs(model, "digits").files) {
    await Deno.writeTextFile(
      `${folder}/digits${name || ".js"}`,
      String(content),
    );
  }
  await Deno.writeTextFile(`${folder}/user.ts`, USER);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--no-config", "user.ts"],
    cwd: folder,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const answer = JSON.parse(new TextDecoder().decode(stdout));
  const direct = loadEncoded(model).classify(new Uint8Array(784).fill(128));
  assertEquals(answer.logits, [...direct.logits]);
  assertEquals(answer.class, direct.classes[0]);
  assertEquals(answer.label, model.labels[answer.class]);
  assertEquals([answer.labels, answer.extents], [model.labels, [28, 28, 1]]);
  assertEquals(
    answer.refused,
    "RangeError: Cannot classify an image: it must have 784 numbers, 28×28×1: it has 2",
  );
});

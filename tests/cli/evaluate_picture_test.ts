import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeDram } from "../../core/compress/code/encode_dram.ts";
import { readHandwriting } from "../../core/data/drawing/read_handwriting.ts";
import { convertImages } from "../../core/data/formats/pictures/convert_images.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import { DIGIT_STROKES } from "../core/data/drawing/digit_strokes.ts";
import { photograph, writeOnSheet } from "../core/data/drawing/photograph.ts";
import { smallModel } from "../core/infer/small_model.ts";
import { writeModel } from "../core/models/formats/onnx/write_model.ts";
import { runInProcess } from "./capture.ts";

const DIGITS = "models/compact/digits-98.dram";
const folder = await Deno.makeTempDir();
const photo = photograph(writeOnSheet(DIGIT_STROKES[5][1], 3), { seed: 5 });
const FIVE = `${folder}/five.png`;
await Deno.writeFile(FIVE, encodePng(photo));

Deno.test("evaluate --image FILE says what a photo of a digit is taken for, and what is seen", async () => {
  const { code, stdout, stderr } = await runInProcess([
    ...["evaluate", DIGITS, "--image", FIVE, "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const { answer, probabilities, seen, ...told } = JSON.parse(stdout);
  assertEquals(told, { file: DIGITS, image: FIVE, handwriting: true });
  assertEquals([answer, probabilities.length], ["5", 10]);
  const [{ probability, class: first }] = probabilities;
  assert(first === "5" && probability > 0.9 && probability <= 1);
  const expected = readHandwriting(photo)
    ?.map((value) => Math.round(255 * value));
  assertEquals(seen.shape, [28, 28, 1]);
  assertEquals([...Uint8Array.fromBase64(seen.pixels)], [...expected ?? []]);
});

Deno.test("evaluate --image FILE draws what the model sees", async () => {
  const { stdout } = await runInProcess(["evaluate", DIGITS, "--image", FIVE]);
  const lines = stdout.split("\n");
  const pixels = readHandwriting(photo) ?? new Float32Array();
  assertEquals(lines.length, 28 + 2 + 1);
  for (const [y, line] of lines.slice(0, 28).entries()) {
    for (let x = 0; x < 28; x++) {
      const character = line[2 * x] ?? " ";
      if (pixels[28 * y + x] === 1) assertEquals(character, "@");
      if (pixels[28 * y + x] === 0) assertEquals(character, " ");
    }
  }
  assertStringIncludes(
    lines[28],
    "240 × 320 in colours, taken for handwriting",
  );
  assertStringIncludes(lines[29], `${DIGITS}: 5 `);
});

Deno.test("a model of anything but characters sees the picture resized", async () => {
  const model = `${folder}/small.dram`;
  const labels = Array.from({ length: 10 }, (_, i) => `garment ${i}`);
  await Deno.writeFile(model, encodeDram({ ...smallModel(), labels }));
  const { stdout } = await runInProcess([
    ...["evaluate", model, "--image", FIVE, "--json"],
  ]);
  const { handwriting, seen } = JSON.parse(stdout);
  assertEquals(handwriting, false);
  assertEquals(
    Uint8Array.fromBase64(seen.pixels),
    convertImages(photo.pixels, photo.shape, seen.shape),
  );
});

Deno.test("evaluate --image FILE asks a model as --pixels says, and names classes as --classes does", async () => {
  const model = `${folder}/sums.onnx`;
  const pixels = 28 * 28;
  // The darker the picture, the surer of the second class, which reads nothing.
  const values = Array.from(
    { length: 2 * pixels },
    (_, i) => i % 2 === 0 ? 1 / pixels : 0,
  );
  await Deno.writeFile(
    model,
    writeModel({
      input: ["n", 1, 28, 28],
      nodes: [["Flatten", ["x"], "row"], ["MatMul", ["row", "w"], "y"]],
      tensors: { w: { shape: [pixels, 2], values } },
    }),
  );
  const ask = async (classes: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runInProcess([
      ...["evaluate", model, "--image", FIVE, "--backend", "wasm", "--json"],
      ...["--classes", classes, ...args],
    ]);
    return { code, stderr, told: code === 0 ? JSON.parse(stdout) : undefined };
  };
  const plain = await ask("bright,dark");
  assertEquals(plain.code, 0, plain.stderr);
  assertEquals(plain.told.answer, "bright");
  const told = await ask("bright,dark", "--pixels", "1,2,1");
  assertEquals(told.told.answer, "dark");
  const three = await ask("a,b,c");
  assertEquals(three.code, 2);
  assertStringIncludes(
    three.stderr,
    "it must name each of its 2 classes: it names 3",
  );
});

await Deno.writeTextFile(`${folder}/moving.gif`, "GIF89a");
await Deno.writeFile(
  `${folder}/blank.png`,
  encodePng({ shape: [40, 40, 1], pixels: new Uint8Array(1600).fill(200) }),
);
for (
  const [args, code, message] of [
    [["none.png"], 1, "a picture's file, or a size, as 28x28x1: there is no"],
    [["32"], 1, "a picture's file, or a size, as 28x28x1: there is no"],
    [["moving.gif"], 1, "moving.gif: it must be a PNG or JPEG"],
    [["blank.png"], 1, "no ink can be told from the paper"],
    [["."], 1, "it must be a file: it is a folder"],
    [["five.png", "--data", "mnist"], 2, "Cannot use --data with a picture"],
    [["five.png", "--transpose"], 2, "Cannot use --transpose with a picture"],
  ] as const
) {
  Deno.test(`evaluate refuses --image ${args.join(" ")}`, async () => {
    const [image, ...rest] = args;
    const outcome = await runInProcess([
      ...["evaluate", DIGITS, "--image", `${folder}/${image}`, ...rest],
    ]);
    assertEquals([outcome.code, outcome.stdout], [code, ""]);
    assertStringIncludes(outcome.stderr, message);
  });
}

Deno.test("what has the form of a size is one", async () => {
  for (const size of ["28x28x1", "28x28", "5x5x2"]) {
    const { code, stderr } = await runInProcess([
      ...["evaluate", DIGITS, "--image", size],
    ]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Cannot use --image on MNIST");
  }
});

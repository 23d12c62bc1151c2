/**
 * A model that never ends leaves no process behind, whatever becomes of who asked it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { hasOnnxRuntime } from "../models/formats/onnx/has_onnxruntime.ts";
import { draw } from "../models/formats/onnx/made_models.ts";
import { field, join, writeModel } from "../models/formats/onnx/write_model.ts";

/** An input or output of a body: one boolean (9) or integer (7), or floats (1) of any shape. */
const info = (name: string, type: number) =>
  join(
    field(1, name),
    field(
      2,
      field(1, join(field(1, type), ...type === 1 ? [] : [field(2, "")])),
    ),
  );
const node = (operator: string, read: string, gives: string) =>
  field(1, join(field(1, read), field(2, gives), field(4, operator)));

/** Goes on as long as it is told to, which it always is. */
const BODY = join(
  node("Identity", "go", "again"),
  node("Identity", "v", "w"),
  field(2, "body"),
  ...[info("i", 7), info("go", 9), info("v", 1)].map((each) => field(11, each)),
  ...[info("again", 9), info("w", 1)].map((each) => field(12, each)),
);

/** Milliseconds that it may take to end, on a slow machine. */
const PATIENCE = 60_000;

/** Waits until `isSo`; false where it isn't in time. */
async function wait(isSo: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    if (await isSo()) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

Deno.test({
  name:
    "a runtime at a model without end ends with the process that started it (needs onnxruntime-web, on Linux)",
  ignore: !hasOnnxRuntime || Deno.build.os !== "linux",
  fn: async () => {
    const path = await Deno.makeTempFile({ suffix: ".onnx" });
    await Deno.writeFile(
      path,
      writeModel({
        input: ["n", 1, 4, 4],
        nodes: [
          ["Flatten", ["x"], "flat"],
          ["Gemm", ["flat", "weight"], "z", { transB: 1 }],
          ["Loop", ["", "go", "z"], "y", { body: { graph: BODY } }],
        ],
        tensors: {
          weight: draw(3, 16),
          go: { shape: [], values: [1], type: 9 },
        },
      }),
    );
    const starter = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check"],
        fileURLToPath(new URL("start_endless.ts", import.meta.url)),
        path,
      ],
      stdout: "piped",
    }).spawn();
    const said = starter.stdout.getReader();
    let isOver = false;
    try {
      const { value } = await said.read();
      assertEquals(new TextDecoder().decode(value), "asked\n");
      const { pid } = starter;
      const children = await Deno.readTextFile(
        `/proc/${pid}/task/${pid}/children`,
      );
      const place = `/proc/${children.trim()}`;
      const ticks = async () =>
        Number((await Deno.readTextFile(`${place}/stat`)).split(" ")[13]);
      const before = await ticks();
      // So many hundredths of a second, that it is at the model.
      assert(await wait(async () => await ticks() > before + 100));
      starter.kill("SIGKILL");
      isOver = true;
      assert(
        await wait(() => Deno.stat(place).then(() => false, () => true)),
        "it is still there",
      );
    } finally {
      if (!isOver) starter.kill("SIGKILL");
      await said.cancel();
      await starter.status;
      await Deno.remove(path);
    }
  },
});

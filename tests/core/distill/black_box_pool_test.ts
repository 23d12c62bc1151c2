import { assert, assertEquals } from "@std/assert";
import { NO_AUGMENTATION } from "../../../core/data/augmentation.ts";
import { openPool } from "../../../core/distill/augmented_pool.ts";
import {
  type BlackBox,
  loadTeacher,
} from "../../../core/models/formats/load_model.ts";
import { hasOnnxRuntime } from "../models/formats/onnx/has_onnxruntime.ts";
import { CLASSES, draw } from "../models/formats/onnx/made_models.ts";
import { writeModel } from "../models/formats/onnx/write_model.ts";

const COUNT = 6;
const examples = {
  count: COUNT,
  shape: [4, 4, 1] as const,
  images: Uint8Array.from({ length: COUNT * 16 }, (_, i) => i * 37 % 256),
  labels: new Uint8Array(COUNT),
};

Deno.test({
  name:
    "logits that are kept of a black box are those of what is asked for (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/box.onnx`;
    await Deno.writeFile(
      path,
      writeModel({
        input: ["n", 1, 4, 4],
        nodes: [
          ["Flatten", ["x"], "flat"],
          ["Gemm", ["flat", "weight"], "z", { transB: 1 }],
          ["Concat", ["z"], "joined", { axis: 1 }],
          ["Softmax", ["joined"], "y"],
        ],
        tensors: { weight: draw(CLASSES, 16) },
      }),
    );
    const cut = await loadTeacher(path);
    if (cut.kind === "row") throw new Error("it is a row of layers");
    const whole: BlackBox = { ...cut, asked: "y", takesLogarithms: true };
    const logitsOf = async (teacher: BlackBox) => {
      const spec = { augmentation: NO_AUGMENTATION, copies: 1, seed: 0 };
      const { teacherLogits } = await openPool(teacher, examples, spec, {
        cache: `${folder}/pools`,
        backend: "cpu",
        workers: 1,
      });
      return teacherLogits ?? new Float32Array();
    };
    const [logits, logarithms] = [await logitsOf(cut), await logitsOf(whole)];
    assertEquals(logits.length, COUNT * CLASSES);
    for (let first = 0; first < logits.length; first += CLASSES) {
      const row = logits.subarray(first, first + CLASSES);
      const sum = row.reduce((sum, z) => sum + Math.exp(z), 0);
      row.forEach((z, i) =>
        assert(Math.abs(z - Math.log(sum) - logarithms[first + i]) < 1e-4)
      );
    }
    await Deno.remove(folder, { recursive: true });
  },
});

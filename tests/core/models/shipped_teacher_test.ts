import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { MNIST_SHA256 } from "../../../core/data/mnist_hashes.ts";
import { countParameters } from "../../../core/models/cost.ts";
import { recordedSplit } from "../../../core/models/manifest.ts";
import {
  loadShippedTeacher,
  SHIPPED_TEACHER,
} from "../../../core/models/shipped_teacher.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import { TEACHER_CONFIGURATION } from "../../../core/train/train_teacher.ts";

const FLOOR = 0.992;

Deno.test("the shipped teacher is the seed's, 1,199,882 parameters in under 5 MB", async () => {
  const { spec, bytes } = await loadShippedTeacher();
  assertEquals(spec, teacherSpec());
  assertEquals(countParameters(spec), 1_199_882);
  let size = 0;
  for await (const { name } of Deno.readDir(SHIPPED_TEACHER)) {
    size += (await Deno.stat(new URL(name, SHIPPED_TEACHER))).size;
  }
  assert(bytes === 4_799_528 && size < 5_000_000);
});

Deno.test("the shipped teacher's manifest says how it was made", async () => {
  const teacher = await loadShippedTeacher();
  const manifest = JSON.parse(
    await Deno.readTextFile(new URL("manifest.json", SHIPPED_TEACHER)),
  );
  assertEquals(manifest.configuration, TEACHER_CONFIGURATION);
  assertEquals(manifest.dataset.sha256, MNIST_SHA256);
  assertEquals(recordedSplit(teacher, { sha256: MNIST_SHA256 }), {
    seed: 0,
    validation: 5000,
  });
  assert(manifest.scores.test.accuracy >= FLOOR);
});

Deno.test("the shipped teacher scores ≥ 0.992 on the 10,000 test images in stock tfjs with none of our code", async () => {
  const script = new URL("../../stock_tfjs.ts", import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script.pathname, SHIPPED_TEACHER.pathname],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { parameters, count, accuracy } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  assertEquals([parameters, count], [1_199_882, 10_000]);
  const manifest = JSON.parse(
    await Deno.readTextFile(new URL("manifest.json", SHIPPED_TEACHER)),
  );
  assert(accuracy >= FLOOR, `accuracy is ${accuracy}`);
  // Two images of leeway: stock kernels add up in another order.
  assertAlmostEquals(accuracy, manifest.scores.test.accuracy, 2.1e-4);
});

import { assert, assertEquals } from "@std/assert";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { diagnose } from "../../../core/train/diagnose.ts";
import * as tf from "../../../core/tf.ts";
import { hasAdapter } from "../../vulkan.ts";

Deno.test("diagnose tests and measures every backend of this machine", async () => {
  await selectBackend("cpu");
  const before = tf.memory().numTensors;
  const diagnosis = await diagnose();
  assertEquals(diagnosis.deno, Deno.version.deno);
  assertEquals(diagnosis.tfjs, "4.22.0");
  assertEquals(diagnosis.adapter !== null, hasAdapter);
  assertEquals(diagnosis.adapterProblem === null, hasAdapter);
  assertEquals(
    diagnosis.backends.map(({ name }) => name),
    hasAdapter ? ["webgpu", "wasm", "cpu"] : ["wasm", "cpu"],
  );
  for (const { name, problem, selfTest, rates } of diagnosis.backends) {
    assertEquals([name, problem, selfTest?.passed], [name, null, true]);
    assert(rates && rates.matMulGflops > 0 && rates.conv2dGflops > 0, name);
  }
  assertEquals(tf.getBackend(), diagnosis.selected.name);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(JSON.parse(JSON.stringify(diagnosis)), diagnosis);
});

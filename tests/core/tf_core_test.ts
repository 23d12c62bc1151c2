import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as tf from "../../core/tf.ts";
import * as core from "../../core/tf_core.ts";

Deno.test("a page's tfjs is, in Deno, the one that tf.ts exports", async () => {
  await tf.setBackend("cpu");
  assertStrictEquals(core.engine(), tf.engine());
  assert(tf.isTensor(core.zeros([1])));
  assertEquals(core.version_core, "4.22.0");
});

import * as tf from "../tf.ts";

/**
 * Makes tfjs's CPU backend the current one, without the advertisement for its
 * Node bindings that it would print when it is first written to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { useCpu } from "./cpu.ts";
 * import * as tf from "../tf.ts";
 *
 * await useCpu();
 * assertEquals(tf.getBackend(), "cpu");
 * ```
 */
export async function useCpu(): Promise<void> {
  if (!await tf.setBackend("cpu")) {
    throw new Error(
      "Cannot use the CPU backend: tfjs could not start it: run `deno task doctor` for details",
    );
  }
  const silent = tf.env().getBool("PROD");
  tf.env().set("PROD", true);
  tf.scalar(0).dispose();
  tf.env().set("PROD", silent);
}

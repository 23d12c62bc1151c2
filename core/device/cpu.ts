import * as tf from "../tf.ts";

/**
 * Makes tfjs's CPU backend the current one. Throws an `Error` if it can't start.
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
}

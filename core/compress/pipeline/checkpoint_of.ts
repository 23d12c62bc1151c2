import type { ImageTrainingOptions } from "../../train/train_images.ts";

/**
 * The options with a checkpoint's name of its own for one `round` of several, where
 * there is a checkpoint.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpointOf } from "./checkpoint_of.ts";
 *
 * assertEquals(checkpointOf({ checkpoint: "prune" }, 2).checkpoint, "prune.2");
 * ```
 */
export function checkpointOf(
  { checkpoint, ...options }: ImageTrainingOptions,
  round: number,
): ImageTrainingOptions {
  return {
    ...options,
    checkpoint: checkpoint && `${checkpoint}.${round}`,
  };
}

import type { Constraint } from "../../train/constraints/constraint.ts";
import type { MaskedModel } from "../prune/masked_model.ts";

/**
 * What keeps a model's pruned weights at 0 while it is trained: a constraint a
 * weight, free where nothing is pruned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holdMasks } from "./hold_masks.ts";
 *
 * const masks = [Uint8Array.of(1, 0), Uint8Array.of(1)];
 * assertEquals(holdMasks({ masks }), [{ kind: "mask", mask: masks[0] }, { kind: "free" }]);
 * ```
 */
export function holdMasks(
  { masks }: Pick<MaskedModel, "masks">,
): Constraint[] {
  return masks.map((mask) =>
    mask.includes(0) ? { kind: "mask", mask } : { kind: "free" }
  );
}

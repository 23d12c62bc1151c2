import type { LayerImportance } from "./channel_importance.ts";
import type { Keep } from "./trace_channels.ts";

/**
 * The `widths[layer]` most important filters or units of each layer named,
 * ascending; of equals the first. Throws a `RangeError` for a layer that has no
 * scores, or a width that isn't from 1 to what the layer has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseChannels } from "./choose_channels.ts";
 *
 * const importance = [{ layer: "conv1", scores: Float64Array.of(3, 1, 2) }];
 * assertEquals(chooseChannels(importance, { conv1: 2 }), { conv1: [0, 2] });
 * ```
 */
export function chooseChannels(
  importance: LayerImportance[],
  widths: Readonly<Record<string, number>>,
): Keep {
  const chosen = Object.entries(widths).map(([layer, width]) => {
    const scores = importance.find((each) => each.layer === layer)?.scores;
    const most = scores?.length ?? 0;
    if (!scores || !(Number.isInteger(width) && width >= 1 && width <= most)) {
      throw new RangeError(
        `Cannot thin layer ${layer}: its width must be an integer from 1 to ${most}, what it has: current value is ${width}`,
      );
    }
    const best = [...scores.keys()]
      .sort((a, b) => scores[b] - scores[a] || a - b)
      .slice(0, width);
    return [layer, best.sort((a, b) => a - b)] as const;
  });
  return Object.fromEntries(chosen);
}

import { foldConstants } from "./fold_constants.ts";
import type { MaskedModel } from "./masked_model.ts";
import type { InputStatistics } from "./observe_inputs.ts";
import { type Keep, traceChannels } from "./trace_channels.ts";

/**
 * The model with the mean of every channel that `keep` is about to remove put into
 * the bias of what reads it, and the weights for it at 0: the sums that read it keep
 * their mean. `statistics` are {@linkcode observeInputs}' of this very model.
 *
 * Under padding "same" nothing is folded: a channel is no constant at the edges.
 *
 * Source: Evci, Le Roux, Castro and Bottou, "Mean replacement pruning", 2018.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { foldRemoved } from "./fold_removed.ts";
 * import { withoutMasks } from "./masked_model.ts";
 * import { observeInputs } from "./observe_inputs.ts";
 *
 * const model = withoutMasks(await makeBarsTeacher());
 * const statistics = await observeInputs(model, makeBars().train);
 * const { masks } = foldRemoved(model, { conv1: [0] }, statistics);
 * const kept = masks[2].reduce((sum, m) => sum + m, 0); // of conv2's kernel
 * assertEquals(kept, masks[2].length / 32);
 * ```
 */
export function foldRemoved(
  model: MaskedModel,
  keep: Keep,
  statistics: InputStatistics[],
): MaskedModel {
  const weights = model.weights.slice();
  const masks = model.masks.slice();
  traceChannels(model.spec, keep)
    .filter(({ cost }) => cost.weights.length > 0)
    .forEach(({ cost, firstWeight, inputs }, index) => {
      const stays = new Set(inputs);
      const constants = statistics[index].mean.map((mean, input) =>
        stays.has(input) ? NaN : mean
      );
      const { kernel, bias, mask } = foldConstants(cost.layer, {
        kernel: weights[firstWeight],
        bias: weights[firstWeight + 1],
        mask: masks[firstWeight],
      }, constants);
      weights[firstWeight] = kernel;
      weights[firstWeight + 1] = bias;
      masks[firstWeight] = mask;
    });
  return { spec: model.spec, weights, masks };
}

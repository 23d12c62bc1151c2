import { checkWritable } from "../code/encode_dram.ts";
import { channelImportance } from "../prune/channel_importance.ts";
import { chooseChannels } from "../prune/choose_channels.ts";
import { isKernel } from "../prune/magnitude_masks.ts";
import type { Weighed } from "../prune/thin_model.ts";
import type { CompressionSetting } from "./plan_stages.ts";
import { spreadOverKernels } from "./spread_over_kernels.ts";

/**
 * Throws a `RangeError` where `setting` can't be one for `model`, as the last stage would
 * find after all the training: widths of layers that it lacks or that are narrower, lists
 * of another length than it has kernels, or one bit for weights that are pruned; and
 * where no file may hold `model`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { checkSetting } from "./check_setting.ts";
 * import { COMPRESSION_SETTING } from "./plan_stages.ts";
 *
 * const spec = studentSpec({ hidden: 6 });
 * const setting = { ...COMPRESSION_SETTING, form: { kind: "share" as const, entries: [8, 8] } };
 * assertThrows(
 *   () => checkSetting(setting, { spec, weights: initialWeights(spec, 1) }),
 *   RangeError,
 *   "one for each of 4 kernels",
 * );
 * ```
 */
export function checkSetting(
  { widths, form, sparsity }: CompressionSetting,
  model: Weighed,
): void {
  checkWritable(model.spec);
  chooseChannels(channelImportance(model), widths);
  const kernels = model.weights.filter(isKernel).length;
  if (form.kind === "share") {
    spreadOverKernels("entries", form.entries, kernels);
    return;
  }
  if (typeof form.bits === "object" && "budget" in form.bits) return;
  const bits = spreadOverKernels("bits", form.bits, kernels);
  if (sparsity > 0 && bits.includes(1)) {
    throw new RangeError(
      `Cannot compress: \`bits\` must be 2 or more where weights are pruned, as ±s has no 0: current value is [${
        bits.join(", ")
      }] with a sparsity of ${sparsity}`,
    );
  }
}

import { selectExamples } from "../../data/dataset.ts";
import { modelCost } from "../../models/cost.ts";
import type { ImageTrainingOptions } from "../../train/train_images.ts";
import { channelImportance } from "../prune/channel_importance.ts";
import { chooseChannels } from "../prune/choose_channels.ts";
import { foldRemoved } from "../prune/fold_removed.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { observeInputs } from "../prune/observe_inputs.ts";
import { thinMasked } from "../prune/thin_masked.ts";
import type { CompressionTask } from "./compression_task.ts";
import { checkpointOf } from "./checkpoint_of.ts";
import type { ThinStage } from "./stage.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";
import { tune } from "./tune.ts";

/** Images that means and spreads are taken of: more change no choice. */
const OBSERVED = 5000;

/** Filters or units of each layer, by name. */
function widthsOf({ spec }: MaskedModel): Map<string, number> {
  return new Map(
    modelCost(spec).layers.map(({ layer, output }) => [
      layer.name,
      output.at(-1) ?? 1,
    ]),
  );
}

/**
 * w_r = round(w₀ · (w_n / w₀)^(r/n)): the widths after round r of n, each layer
 * smaller by one factor a round: 64, 32, 16 in two rounds.
 */
function widthsAt(
  from: Readonly<Record<string, number>>,
  to: Readonly<Record<string, number>>,
  round: number,
  rounds: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(to).map(([layer, width]) => [
      layer,
      Math.round(from[layer] * (width / from[layer]) ** (round / rounds)),
    ]),
  );
}

/**
 * Removes filters and units in rounds, the least important first, the mean of what they
 * gave folded into what read it; and retrains after each round.
 */
export async function runThinStage(
  task: CompressionTask,
  start: MaskedModel,
  { widths, importance, rounds, training }: ThinStage,
  options: ImageTrainingOptions,
): Promise<StageResult> {
  const from = Object.fromEntries(widthsOf(start));
  const { observed } = task;
  const count = Math.min(OBSERVED, observed.count);
  const some = selectExamples(
    observed,
    Uint32Array.from({ length: count }, (_, index) => index),
  );
  let result = keepFloats(start);
  for (let round = 1; round <= rounds; round++) {
    const { model } = result;
    const statistics = await observeInputs(model, some);
    const scores = channelImportance(
      model,
      importance === "activation" ? statistics : undefined,
    );
    const keep = chooseChannels(scores, widthsAt(from, widths, round, rounds));
    result = await tune(
      task,
      thinMasked(foldRemoved(model, keep, statistics), keep),
      training,
      checkpointOf(options, round),
    );
  }
  return result;
}

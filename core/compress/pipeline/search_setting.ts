import { modelCost } from "../../models/cost.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { checkSetting } from "./check_setting.ts";
import type { CompressionTask } from "./compression_task.ts";
import {
  type CompressionSetting,
  planForm,
  planThinning,
  retrainingOf,
  type WeightForm,
} from "./plan_stages.ts";
import {
  type PipelineOptions,
  type PipelineResult,
  runPipeline,
} from "./run_pipeline.ts";
import type { Stage } from "./stage.ts";

/** Half as many entries, at least 3: 0, one above and one below. */
function halve(entries: number): number {
  return Math.min(entries, Math.max(3, Math.ceil(entries / 2)));
}

/** One bit less, at least 2: one bit has no 0, which pruned weights need. */
function lower(bits: number): number {
  return Math.min(bits, Math.max(2, bits - 1));
}

/** What `reduce` makes of a number, or of each of a list; undefined where that is the same. */
function reduceAll(
  value: number | number[],
  reduce: (value: number) => number,
): number | number[] | undefined {
  if (typeof value === "number") {
    const reduced = reduce(value);
    return reduced === value ? undefined : reduced;
  }
  const reduced = value.map(reduce);
  return reduced.every((each, i) => each === value[i]) ? undefined : reduced;
}

/**
 * The form with half as many entries in codebooks, or one bit less; undefined where
 * none is left, or the bits follow from a budget, which is a goal of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { coarsenForm } from "./search_setting.ts";
 *
 * const form = coarsenForm({ kind: "share", entries: [16, 4, 2] });
 * assertEquals(form, { kind: "share", entries: [8, 3, 2] });
 * assertEquals(coarsenForm({ kind: "share", entries: 3 }), undefined);
 * ```
 */
export function coarsenForm(form: WeightForm): WeightForm | undefined {
  if (form.kind === "share") {
    const entries = reduceAll(form.entries, halve);
    return entries === undefined ? undefined : { ...form, entries };
  }
  if (typeof form.bits === "object" && "budget" in form.bits) return undefined;
  const bits = reduceAll(form.bits, lower);
  return bits === undefined ? undefined : { ...form, bits };
}

/** What a search is for; both are of the whole file, and on validation. */
export interface CompressionGoals {
  /** The file is to have this many bytes at most. */
  bytes?: number;
  /** The share of validation images right is to be this at least. */
  accuracy?: number;
}

/** One setting that was tried. */
export interface CompressionTrial {
  /** Share of kernels' weights that are 0. */
  sparsity: number;
  /** What weights end as. */
  form: WeightForm;
  /** Length of the file. */
  bytes: number;
  /** Share of validation images right. */
  accuracy: number;
}

/** What a search has found. */
export interface CompressionSearch extends PipelineResult {
  /** The setting of `result`. */
  chosen: CompressionTrial;
  /** Everything that was tried, in order. */
  trials: CompressionTrial[];
  /** Whether `result` meets every goal. */
  reached: boolean;
}

/** What share of the weights in use each rung of the ladder keeps. */
const STEP = 0.7;
/** Rungs at the most: the last keeps 0.5 · 0.7^17, a thousandth. */
const RUNGS = 18;

/**
 * 1 − ½·0.7^i: the sparsity of rung i of the ladder, from 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { rungSparsity } from "./search_setting.ts";
 *
 * assertAlmostEquals(rungSparsity(2), 0.755);
 * ```
 */
export function rungSparsity(rung: number): number {
  return 1 - 0.5 * STEP ** rung;
}

function meets(
  { bytes, accuracy }: CompressionTrial,
  goals: CompressionGoals,
): boolean {
  return bytes <= (goals.bytes ?? Infinity) &&
    accuracy >= (goals.accuracy ?? 0);
}

/**
 * Searches the sparsity, then the bits, that `goals` ask for, on validation: goes up a
 * ladder of sparsities (½, then 0.7 of the weights left at each rung, pruned on from the
 * rung before and retrained), with the final form tried at each; stops at the first
 * that is small enough, or where there is only an accuracy to keep, at the first
 * that loses it, and then makes the form coarser while it lasts.
 *
 * With a goal of bytes the result is the most accurate file that is small enough; with
 * one of accuracy alone the smallest that is accurate enough. Where nothing meets the
 * goals it is the nearest: the last tried or the most accurate. Resumable, as
 * {@linkcode runPipeline} is, and throws what that throws; and a `RangeError` where there
 * is no goal, or the setting can't be one for this model.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { withoutMasks } from "../prune/masked_model.ts";
 * import { COMPRESSION_SETTING } from "./plan_stages.ts";
 * import { searchSetting } from "./search_setting.ts";
 *
 * const { train, validation } = makeBars();
 * const { chosen, reached } = await searchSetting({
 *   task: {
 *     training: { examples: train },
 *     observed: train,
 *     validation: { examples: validation },
 *     loss: { kind: "cross-entropy" },
 *     seed: 1,
 *     labels: ["stands", "lies", "leans"],
 *     teacherBytes: 1e6,
 *   },
 *   start: withoutMasks(await makeBarsTeacher()),
 *   setting: { ...COMPRESSION_SETTING, epochs: { thin: 1, prune: 1, last: 1, form: 1 } },
 *   goals: { bytes: 25_000 },
 * }, { folder: await Deno.makeTempDir() });
 * assert(reached && chosen.bytes <= 25_000);
 * ```
 */
export async function searchSetting(
  { task, start, setting, goals }: {
    task: CompressionTask;
    start: MaskedModel;
    setting: CompressionSetting;
    goals: CompressionGoals;
  },
  { folder, ...options }: Omit<PipelineOptions, "ownBytes">,
): Promise<CompressionSearch> {
  if (goals.bytes === undefined && goals.accuracy === undefined) {
    throw new RangeError(
      "Cannot search a setting: it must be for bytes or for an accuracy: neither is given",
    );
  }
  checkSetting({ ...setting, sparsity: rungSparsity(0) }, start);
  const { epochs, rates, scope } = setting;
  const ownBytes = modelCost(start.spec).bytes;
  const stages: Stage[] = planThinning(setting);
  const tried: { trial: CompressionTrial; made: PipelineResult }[] = [];

  const tryForm = async (
    float: PipelineResult,
    sparsity: number,
    form: WeightForm,
  ) => {
    const name = `${tried.length + 1}-${form.kind}`;
    const made = await runPipeline({
      task,
      start: float.result.model,
      stages: planForm({ ...setting, form }),
    }, { ...options, ownBytes, folder: `${folder}/${name}` });
    const { bytes, validation: { accuracy } } =
      made.reports[made.reports.length - 1];
    const trial = { sparsity, form, bytes, accuracy };
    const reports = [...float.reports, ...made.reports.slice(1)];
    tried.push({ trial, made: { result: made.result, reports } });
    return trial;
  };

  let float: PipelineResult | undefined;
  for (let rung = 0; rung < RUNGS; rung++) {
    const sparsity = rungSparsity(rung);
    stages.push({
      kind: "prune",
      scope,
      rounds: 1,
      schedule: { kind: "constant", sparsity },
      training: retrainingOf(setting, epochs.prune, rates.float),
      last: retrainingOf(setting, epochs.last, rates.float),
    });
    const pruned = await runPipeline(
      { task, start, stages },
      { ...options, folder: `${folder}/float` },
    );
    const trial = await tryForm(pruned, sparsity, setting.form);
    if (goals.bytes === undefined && !meets(trial, goals)) break;
    float = pruned;
    if (goals.bytes !== undefined && trial.bytes <= goals.bytes) break;
  }
  if (goals.bytes === undefined && float) {
    const kept = tried.findLast(({ trial }) => meets(trial, goals))?.trial;
    let form = coarsenForm(setting.form);
    while (kept && form) {
      const trial = await tryForm(float, kept.sparsity, form);
      if (!meets(trial, goals)) break;
      form = coarsenForm(form);
    }
  }
  const good = tried.filter(({ trial }) => meets(trial, goals));
  const best = good.length > 0
    ? good.reduce((a, b) => b.trial.bytes < a.trial.bytes ? b : a)
    : goals.bytes === undefined
    ? tried.reduce((a, b) => b.trial.accuracy > a.trial.accuracy ? b : a)
    : tried[tried.length - 1];
  return {
    ...best.made,
    chosen: best.trial,
    trials: tried.map(({ trial }) => trial),
    reached: good.length > 0,
  };
}

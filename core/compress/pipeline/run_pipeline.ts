import { sha256Hex } from "../../data/formats/idx_file.ts";
import { hashImages, hashValues } from "../../data/dataset.ts";
import { modelCost } from "../../models/cost.ts";
import type { LabelledImages } from "../../train/evaluate_model.ts";
import type { ImageTrainingOptions } from "../../train/train_images.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { CompressionTask } from "./compression_task.ts";
import { compressionOf, measureStage } from "./measure_stage.ts";
import { runStage } from "./run_stage.ts";
import type { Stage } from "./stage.ts";
import { type FinishedStage, loadStage, saveStage } from "./stage_files.ts";
import type { StageReport } from "./stage_report.ts";
import { keepFloats, type StageResult } from "./stage_result.ts";

/** How a pipeline proceeds. */
export interface PipelineOptions
  extends
    Pick<ImageTrainingOptions, "threads" | "signal" | "onProgress" | "onNote"> {
  /** Folder that holds what each stage made, from which a stopped run goes on. */
  folder: string;
  /** Bytes as float32 of the model that first came; those of `start` unless given. */
  ownBytes?: number;
  /** Called with the number of each stage, from 1, before it begins. */
  onStage?: (number: number, stage: Stage) => void;
  /** Called after each stage, and first with the model as it came. */
  onReport?: (report: StageReport) => void;
}

/** What a pipeline has made. */
export interface PipelineResult {
  /** After the last stage. */
  result: StageResult;
  /** The model as it came, then each stage. */
  reports: StageReport[];
}

/** What tells images from others: what they are called, or else all that they hold. */
function identifyImages(
  { identity, examples, teacherLogits }: LabelledImages,
): unknown {
  return identity ?? [
    examples.shape,
    hashImages(examples),
    hashValues(examples.labels),
    teacherLogits && hashValues(teacherLogits),
  ];
}

/** What tells a task from others. */
function identifyTask(task: CompressionTask): unknown {
  const { training, validation, observed, loss, seed, labels, shift } = task;
  return [
    identifyImages(training),
    identifyImages(validation),
    identifyImages({ examples: observed }),
    loss,
    seed,
    labels,
    shift,
  ];
}

/** Tells what a stage makes from what it makes it of, and how. */
async function stageKeys(
  task: CompressionTask,
  start: MaskedModel,
  stages: Stage[],
): Promise<string[]> {
  const origin = [
    identifyTask(task),
    start.spec,
    start.weights.map(({ values }) => hashValues(values)),
    start.masks.map(hashValues),
  ];
  return await Promise.all(
    stages.map((_, index) =>
      sha256Hex(
        new TextEncoder().encode(
          JSON.stringify([origin, stages.slice(0, index + 1)]),
        ),
      )
    ),
  );
}

/** Removes the files of `folder` whose names begin with `prefix`. */
async function removeCheckpoints(
  folder: string,
  prefix: string,
): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(prefix)) await Deno.remove(`${folder}/${name}`);
  }
}

/**
 * Compresses a model: each stage takes what the one before made, left to right,
 * and is measured as the file that it would be, on validation.
 *
 * Every finished stage is kept in `folder`; the same call goes on after the last of
 * them, and within a stage from its training's checkpoint. On the current backend.
 * Throws what training and the file system throw, and the signal's reason.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { withoutMasks } from "../prune/masked_model.ts";
 * import { runPipeline } from "./run_pipeline.ts";
 *
 * const { train, validation } = makeBars();
 * const { reports: [before, after] } = await runPipeline({
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
 *   stages: [{ kind: "exact" }],
 * }, { folder: await Deno.makeTempDir() });
 * assert(after.nonZeros <= before.nonZeros);
 * ```
 */
export async function runPipeline(
  { task, start, stages }: {
    task: CompressionTask;
    start: MaskedModel;
    stages: Stage[];
  },
  { folder, ownBytes, onStage, onReport, ...options }: PipelineOptions,
): Promise<PipelineResult> {
  await Deno.mkdir(folder, { recursive: true });
  const keys = await stageKeys(task, start, stages);
  const own = ownBytes ?? modelCost(start.spec).bytes;
  let result = keepFloats(start);
  const first = { stage: "start", seconds: 0, ownBytes: own } as const;
  const reports = [await measureStage(task, result, first)];
  onReport?.(reports[0]);
  for (const [index, stage] of stages.entries()) {
    const number = index + 1;
    onStage?.(number, stage);
    const finished = await loadStage(folder, number, keys[index], (reason) =>
      options.onNote?.(`stage ${number} is made again: ${reason}`)) ??
      await finish(number, stage);
    result = finished.result;
    // A stage kept from before may have been told against another teacher.
    const { bytes } = finished.report;
    const compression = compressionOf(bytes, { task, ownBytes: own });
    const report = { ...finished.report, compression };
    reports.push(report);
    onReport?.(report);
  }
  return { result, reports };

  async function finish(number: number, stage: Stage): Promise<FinishedStage> {
    const began = performance.now();
    const key = keys[number - 1];
    // Of another setting it would be refused.
    const prefix = `stage-${number}-`;
    const checkpoint = `${folder}/${prefix}${key.slice(0, 12)}.checkpoint`;
    const made = await runStage(task, result.model, stage, {
      ...options,
      checkpoint,
    });
    const seconds = (performance.now() - began) / 1000;
    const measured = { stage: stage.kind, seconds, ownBytes: own };
    const report = await measureStage(task, made, measured);
    const finished = { result: made, report };
    await saveStage(folder, number, key, finished, task.labels);
    await removeCheckpoints(folder, prefix);
    return finished;
  }
}

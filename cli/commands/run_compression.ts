import type { CompressionTask } from "../../core/compress/pipeline/compression_task.ts";
import {
  type CompressionSetting,
  planStages,
} from "../../core/compress/pipeline/plan_stages.ts";
import {
  type PipelineOptions,
  type PipelineResult,
  runPipeline,
} from "../../core/compress/pipeline/run_pipeline.ts";
import {
  type CompressionGoals,
  type CompressionSearch,
  searchSetting,
} from "../../core/compress/pipeline/search_setting.ts";
import type { MaskedModel } from "../../core/compress/prune/masked_model.ts";
import { formatStageTable } from "../../core/report/stage_table.ts";
import type { Io } from "../command.ts";
import type { Progress } from "../terminal/progress.ts";

/** What a compression has made, and what a search for a goal has tried. */
export interface Compression extends PipelineResult {
  search?: Pick<CompressionSearch, "chosen" | "trials" | "reached">;
}

/**
 * Compresses `start` as `setting` says, or as a search for `goals` finds, with
 * progress and the table so far after each stage on standard error.
 */
export async function runCompression(
  { task, start, setting, goals }: {
    task: CompressionTask;
    start: MaskedModel;
    setting: CompressionSetting;
    goals: CompressionGoals;
  },
  { folder, threads, io }: { folder: string; threads: number; io: Io },
): Promise<Compression> {
  let progress: Progress | undefined;
  const end = () => {
    progress?.[Symbol.dispose]();
    progress = undefined;
  };
  const options: PipelineOptions = {
    folder,
    threads,
    signal: io.signal,
    onStage: (number, { kind }) => {
      progress = io.progress(`${start.spec.name} ${number} ${kind}`);
    },
    onProgress: (training) => progress?.training(training),
    onNote: io.note,
    onReport: (report) => {
      end();
      const table = formatStageTable([report]).trimEnd();
      for (const line of table.split("\n")) io.note(line);
      if (report.free) {
        const freed = report.free.reduce(
          (sum, { weights }) => sum + weights,
          0,
        );
        const units = report.free.reduce((sum, { units }) => sum + units, 0);
        io.note(`free: ${freed} weights, ${units} filters and units`);
      }
      if (report.huffmanBytes !== undefined) {
        io.note(
          `with Huffman codes as published: ${report.huffmanBytes} bytes`,
        );
      }
    },
  };
  try {
    if (goals.bytes === undefined && goals.accuracy === undefined) {
      const stages = planStages(setting);
      return await runPipeline({ task, start, stages }, options);
    }
    const { chosen, trials, reached, ...made } = await searchSetting(
      { task, start, setting, goals },
      options,
    );
    return { ...made, search: { chosen, trials, reached } };
  } finally {
    end();
  }
}

import type { Examples } from "../../data/dataset.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { arrangeChannels } from "../code/arrange_channels.ts";
import { encodeDram } from "../code/encode_dram.ts";
import type { Score } from "../../train/learner.ts";
import type { CompressionTask } from "./compression_task.ts";
import { encodedModelOf } from "./encoded_model_of.ts";
import { measureStage, scoreTensors } from "./measure_stage.ts";
import type { StageReport } from "./stage_report.ts";
import type { StageResult } from "./stage_result.ts";

/** A pipeline's end: the file, what it holds, and a line of the table for it. */
export interface CodedResult {
  /** The file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What it holds. */
  encoded: EncodedModel;
  /** With its score on the test images. */
  report: StageReport & { test: Score };
}

/**
 * Writes what a pipeline has made as a `.dram` file, its filters and units in the order
 * that takes fewest bytes, and measures that; the images of `test`
 * are read here and nowhere before. `ownBytes` are those of the model that first came, as
 * float32; `tries` is as `arrangeChannels` has it.
 * Throws a `RangeError` where a file can't hold what the pipeline has made.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { withoutMasks } from "../prune/masked_model.ts";
 * import { codeResult } from "./code_result.ts";
 * import { keepFloats } from "./stage_result.ts";
 *
 * const { train, validation, test } = makeBars();
 * const task = {
 *   training: { examples: train },
 *   observed: train,
 *   validation: { examples: validation },
 *   loss: { kind: "cross-entropy" as const },
 *   seed: 1,
 *   labels: ["stands", "lies", "leans"],
 *   teacherBytes: 1e6,
 * };
 * const model = withoutMasks(await makeBarsTeacher());
 * const { bytes, report } = await codeResult(task, keepFloats(model), { ownBytes: 1e6, test, tries: 0 });
 * assertEquals([report.bytes, report.test.accuracy], [bytes.length, 1]);
 * ```
 */
export async function codeResult(
  task: CompressionTask,
  result: StageResult,
  { ownBytes, test, tries }: {
    ownBytes: number;
    test: Examples;
    tries?: number;
  },
): Promise<CodedResult> {
  const began = performance.now();
  const encoded = arrangeChannels(
    encodedModelOf(result, task.labels),
    { tries },
  );
  const bytes = encodeDram(encoded);
  const seconds = (performance.now() - began) / 1000;
  const arranged = { ...result, tensors: encoded.tensors };
  const measured = { stage: "code", seconds, ownBytes } as const;
  const report = await measureStage(task, arranged, measured);
  const score = await scoreTensors(arranged, { examples: test });
  return { bytes, encoded, report: { ...report, test: score } };
}

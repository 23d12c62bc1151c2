import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import { load } from "../../core/infer/load.ts";
import { scoreAnswers } from "../../core/infer/score_answers.ts";
import { countParameters } from "../../core/models/cost.ts";
import type { Io } from "../command.ts";
import { assertFits, loadData, unknownSplit } from "../options/data_options.ts";
import type { ScoredValues } from "../options/data_options.ts";
import type { Scored } from "./print_score.ts";
import { readDram } from "./read_dram.ts";

/**
 * Scores a `.dram` file, from the file alone: in plain TypeScript, or on the tfjs
 * backend that is asked for.
 */
export async function evaluateDram(
  { file, data, split, backend }: ScoredValues,
  io: Io,
): Promise<Scored> {
  const { bytes, model } = await readDram(
    file,
    (bytes) => ({ bytes, model: load(bytes) }),
  );
  const whole = await loadData(data, io);
  assertFits(model, whole, file);
  if (split !== "test") io.note(unknownSplit(file));
  const examples = splitDataset(whole, defaultSplit(whole))[split];
  let answers;
  if (backend === "auto") {
    io.note("direct: plain TypeScript, without a framework");
    answers = model.classify(examples.images);
  } else {
    const { classifyOnTfjs } = await import("./classify_on_tfjs.ts");
    answers = await classifyOnTfjs(bytes, examples, backend, io);
  }
  return {
    file,
    format: "dram",
    parameters: countParameters(model.spec),
    bytes: bytes.length,
    dataset: whole.name,
    classes: whole.classes,
    split,
    examples,
    score: scoreAnswers(answers, examples.labels),
  };
}

import { classifyParts } from "../../core/infer/classify_parts.ts";
import { load } from "../../core/infer/load.ts";
import { scoreAnswers } from "../../core/infer/score_answers.ts";
import { countParameters } from "../../core/models/cost.ts";
import type { Io } from "../command.ts";
import {
  chooseExamples,
  fitToModel,
  loadData,
  unknownSplit,
} from "../options/data_options.ts";
import type { ScoredValues } from "../options/data_options.ts";
import type { Scored } from "./print_score.ts";
import { readDram } from "./read_dram.ts";

/**
 * Scores a `.dram` file, from the file alone: in plain TypeScript, or on the tfjs
 * backend that is asked for.
 */
export async function evaluateDram(
  values: ScoredValues,
  io: Io,
): Promise<Scored> {
  const { file, split, backend } = values;
  const { bytes, model } = await readDram(
    file,
    (bytes) => ({ bytes, model: load(bytes) }),
  );
  const data = fitToModel(model, await loadData(values, io), file);
  if (split !== "test") io.note(unknownSplit(file));
  const examples = chooseExamples(data, split);
  let answers;
  if (backend === "auto") {
    io.note("direct: plain TypeScript, without a framework");
    answers = await classifyParts(model.classify, examples);
  } else {
    const { classifyOnTfjs } = await import("./classify_on_tfjs.ts");
    answers = await classifyOnTfjs(bytes, examples, backend, io);
  }
  return {
    file,
    format: "dram",
    parameters: countParameters(model.spec),
    bytes: bytes.length,
    dataset: data.name,
    classes: data.classes,
    split,
    examples,
    score: scoreAnswers(answers, examples.labels),
  };
}

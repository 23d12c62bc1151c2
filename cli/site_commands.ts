import { STUDENT_TRAINING } from "../core/distill/distil_student.ts";
import type { StudentConfig } from "../core/distill/student_config.ts";
import { DEFAULT_SPACE } from "../core/sweep/search_space.ts";
import { readStudySetting, type Study } from "../core/sweep/study.ts";
import { listTrials } from "../core/sweep/trials.ts";

/** Values in their order, each once, as a flag takes them. */
function listValues(values: (string | number)[]): string {
  return [...new Set(values)].join();
}

/** What the students learn by, as flags. */
function lossFlags(students: StudentConfig[]): string {
  const losses = students.map(({ loss }) => loss);
  const names = losses.map(({ kind }) =>
    kind === "cross-entropy" ? "labels" : kind
  );
  const soft = losses.find((loss) => loss.kind === "distillation");
  return `--loss ${listValues(names)}${
    soft ? ` --temperature ${soft.temperature} --alpha ${soft.alpha}` : ""
  }`;
}

/**
 * The command line that makes the study called `name`; none where its students are
 * trained by other settings than the usual.
 */
export function sweepCommand(name: string, study: Study): string[] {
  const { training } = readStudySetting(study);
  const usual = { ...training, ...STUDENT_TRAINING };
  if (JSON.stringify(training) !== JSON.stringify(usual)) return [];
  const students = listTrials(study);
  const dropout = listValues(students.map(({ dropout }) => dropout));
  return [[
    `deno task sweep --study ${name}`,
    `--hidden ${listValues(students.map(({ hidden }) => hidden))}`,
    ...dropout === DEFAULT_SPACE.dropout.join() ? [] : [`--dropout ${dropout}`],
    lossFlags(students),
    `--seeds ${listValues(students.map(({ seed }) => seed))}`,
  ].join(" ")];
}

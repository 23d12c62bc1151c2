import { SWEEP_FORMAT } from "../../core/study/study_format.ts";
import type { StudentConfig } from "../../core/distill/student_config.ts";
import type { LoadedModel } from "../../core/models/formats/load_model.ts";
import type { StudyDetails } from "../../core/sweep/result.ts";
import { ensureStudy } from "../../core/study/run_study.ts";
import { sweep } from "../../core/sweep/sweep.ts";
import { BARS_TRAINING, makeBars, makeBarsStore } from "./bars.ts";

/** Students of bars: two widths of one seed, which make one cohort. */
export const BARS_STUDENTS: StudentConfig[] = [2, 16].map((hidden) => ({
  hidden,
  dropout: 0.2,
  loss: { kind: "logit-mse" },
  seed: 1,
}));

/** The path of a study that has planned two students of bars, and trained none. */
export async function planBarsStudy(): Promise<string> {
  const path = `${await Deno.makeTempDir()}/study.db`;
  const { name, sha256, split } = makeBars();
  using study = ensureStudy(path, SWEEP_FORMAT, {
    teacher: "",
    dataset: { name, sha256, split },
    training: BARS_TRAINING,
  });
  study.plan(BARS_STUDENTS);
  return path;
}

/** A study of two students of bars, done. */
interface BarsStudy {
  path: string;
  teacher: LoadedModel;
  details: StudyDetails;
}

async function sweepBars(): Promise<BarsStudy> {
  const { dataset, teacher, store } = await makeBarsStore();
  const path = `${await Deno.makeTempDir()}/study.db`;
  const details = await sweep({
    name: "bars",
    path,
    teacher,
    dataset,
    store,
    students: BARS_STUDENTS,
    training: { ...BARS_TRAINING, epochs: 20 },
    backend: { name: "wasm", adapter: null, reason: "wasm: asked for" },
    workers: 1,
  });
  return { path, teacher, details };
}

let done: Promise<BarsStudy> | undefined;

/** A study of two students of bars, trained once in a process, in a file of its own. */
export async function makeBarsStudy(): Promise<BarsStudy> {
  const study = await (done ??= sweepBars());
  const path = `${await Deno.makeTempDir()}/study.db`;
  await Deno.copyFile(study.path, path);
  return { ...study, path };
}

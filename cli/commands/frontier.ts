import { BYTE_ACCURACIES } from "../../core/search/byte_frontier.ts";
import { type Manifest, manifestVersions } from "../../core/models/manifest.ts";
import { saveModel } from "../../core/models/save_model.ts";
import {
  formatAnswer,
  formatFrontierTable,
} from "../../core/report/results_table.ts";
import { bestTrial } from "../../core/sweep/frontier.ts";
import { exportStudent } from "../../core/sweep/export_student.ts";
import { DEFAULT_ACCURACIES } from "../../core/sweep/frontier.ts";
import { readStudySetting } from "../../core/study/run_study.ts";
import type { Study } from "../../core/study/study.ts";
import { readContext } from "../../core/study/context.ts";
import { summariseStudy } from "../../core/sweep/summarise_study.ts";
import {
  type FinishedTrial,
  listFinishedTrials,
} from "../../core/sweep/trials.ts";
import { flagOf } from "../options/option.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput, FORCE_OPTION, modelFiles } from "./claim_output.ts";
import { defineCommand } from "../command.ts";
import { loadRow, startBackend, TEACHER_OPTIONS } from "./experiment.ts";
import { DEFAULT_SEARCH } from "./study_files.ts";
import { DEFAULT_STUDY, openNamedStudy, STUDY_OPTIONS } from "./study_files.ts";

/** The manifest of a study's trial as a model of its own. */
function describeTrial(
  study: Study,
  trial: FinishedTrial,
  spec: Manifest["spec"],
): Manifest {
  const { teacher, dataset, training } = readStudySetting(study);
  const { hidden, dropout, loss, seed, bestEpoch, validation, test } = trial;
  return {
    spec,
    configuration: { hidden, dropout, loss, seed, training },
    backend: readContext(study)?.backend ?? { name: "unknown", adapter: null },
    dataset,
    teacher,
    scores: { epoch: bestEpoch, validation, test },
    ...manifestVersions(),
  };
}

/** Throws a `UsageError` where `--hypervolume` stands beside what it has no use for. */
function checkHypervolume(
  { bytes, ...others }: {
    bytes: boolean;
    accuracy?: number[];
    export?: string;
  },
): void {
  if (!bytes) {
    throw new UsageError(
      "Cannot use --hypervolume without --bytes: it is of searches, in bytes of .dram files",
    );
  }
  const [other] = Object.entries(others).filter(([, value]) =>
    value !== undefined
  );
  if (!other) return;
  throw new UsageError(
    `Cannot use --hypervolume with ${
      flagOf(other[0])
    }: it draws and prints that alone; leave one of them out`,
  );
}

export const command = defineCommand({
  name: "frontier",
  about:
    `Prints s(f), the smallest model of a study that reaches each accuracy: chosen on
validation, reported on test. --export writes the smallest for the lowest of
them as a model folder; it needs the teacher that the study was made with. With
--bytes it is of a search, in bytes of whole files: --export writes a .dram
file, and plots with published models beside ours are drawn again. --hypervolume
draws how the area that files of searches dominate, in bytes and error, grew
with the time that they searched: of several with commas between, means of those
whose names differ in a number at their end.`,
  examples: [
    "frontier --accuracy 0.95",
    "frontier --accuracy 0.97,0.98 --study full",
    "frontier --accuracy 0.95 --export trained/smallest",
    "frontier --bytes --accuracy 0.99 --export smallest.dram",
    "frontier --bytes --hypervolume a.svg --study grid-1,evolved-1",
  ],
  options: {
    ...STUDY_OPTIONS,
    study: {
      ...STUDY_OPTIONS.study,
      usual: `"${DEFAULT_STUDY}", with --bytes "${DEFAULT_SEARCH}"`,
      help: `${STUDY_OPTIONS.study.help}; several with --hypervolume`,
    },
    bytes: { kind: "boolean", help: "of a search, in bytes of .dram files" },
    accuracy: {
      kind: "numbers",
      above: 0,
      below: 1,
      usual:
        `${DEFAULT_ACCURACIES.join()}; with --bytes ${BYTE_ACCURACIES.join()}`,
      help: "accuracies f, as shares",
    },
    export: {
      kind: "path",
      writes: "file or folder",
      placeholder: "PATH",
      help: "write the smallest model there: a folder, or a .dram file",
    },
    hypervolume: {
      kind: "path",
      writes: "file",
      placeholder: "FILE.svg",
      help: "with --bytes: draw how good searches were after which time",
    },
    ...FORCE_OPTION,
    teacher: TEACHER_OPTIONS.teacher,
    pixels: TEACHER_OPTIONS.pixels,
  },
  async run({ study: given, accuracy, bytes, hypervolume, ...values }, io) {
    if (hypervolume !== undefined) {
      checkHypervolume({ bytes, accuracy, export: values.export });
      const { printHypervolumes } = await import("./frontier_hypervolume.ts");
      const names = (given ?? DEFAULT_SEARCH).split(",");
      const { force } = values;
      return await printHypervolumes({ names, path: hypervolume, force }, io);
    }
    if (bytes) {
      const { printFrontierBytes } = await import("./frontier_bytes.ts");
      return await printFrontierBytes(
        { study: given, accuracy, ...values },
        io,
      );
    }
    const name = given ?? DEFAULT_STUDY;
    using study = openNamedStudy(name, io.note);
    const details = summariseStudy(study, accuracy);
    const { frontier, monotone } = details.result;
    if (values.export !== undefined) {
      const [point] = frontier;
      if (!point) {
        throw new Error(
          `Cannot export a model: one of the study must reach the accuracy: none does; ask for less with --accuracy, or sweep wider students`,
        );
      }
      // What can't be loaded leaves no trace at the output.
      const teacher = await loadRow(values, io);
      using _claim = await claimOutput({
        command: "frontier",
        option: "--export",
        force: values.force,
        at: { folder: values.export },
        makes: modelFiles(values.export),
      });
      const trial = bestTrial(listFinishedTrials(study), point);
      await startBackend(values.backend, io, { tune: false });
      const { spec, weights } = exportStudent(study, trial, teacher);
      await saveModel(
        values.export,
        weights,
        describeTrial(study, trial, spec),
      );
      io.note(`${spec.name} (seed ${trial.seed}) written to ${values.export}`);
    }
    io.print(`${formatFrontierTable(details).trimEnd()}\n`);
    io.print(formatAnswer(details, accuracy).trimEnd());
    io.printJson({ study: name, frontier, monotone });
  },
});

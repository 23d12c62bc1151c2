import { askC } from "../../core/export/ask_c.ts";
import { isInteger } from "../../core/models/integer.ts";
import { certify } from "../../core/compress/certificate.ts";
import { checkSetting } from "../../core/compress/pipeline/check_setting.ts";
import { codeResult } from "../../core/compress/pipeline/code_result.ts";
import type { CompressionTask } from "../../core/compress/pipeline/compression_task.ts";
import {
  COMPRESSION_RECIPE,
  type CompressionRecipe,
  parseRecipe,
} from "../../core/compress/pipeline/recipe.ts";
import type { StageReport } from "../../core/compress/pipeline/stage_report.ts";
import { withoutMasks } from "../../core/compress/prune/masked_model.ts";
import type { Weighed } from "../../core/compress/prune/thin_model.ts";
import {
  certificateFile,
  certificatePath,
} from "../../core/compress/write_certificate.ts";
import { AUGMENTATIONS } from "../../core/data/augmentation.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import { claimFolder } from "../../core/files/claim_folder.ts";
import { writeAllAtomically } from "../../core/files/write_atomically.ts";
import { modelCost } from "../../core/models/cost.ts";
import {
  type LoadedModel,
  loadModel,
  type Teacher,
} from "../../core/models/formats/load_model.ts";
import { makeManifest, recordedSplit } from "../../core/models/manifest.ts";
import { withoutDropout } from "../../core/models/spec.ts";
import { formatStageTable } from "../../core/report/stage_table.ts";
import { bestTrial } from "../../core/sweep/frontier.ts";
import { exportStudent } from "../../core/sweep/export_student.ts";
import { summariseStudy } from "../../core/sweep/summarise_study.ts";
import { listFinishedTrials } from "../../core/sweep/trials.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { defineCommand, type Io } from "../command.ts";
import { commandLine, quote } from "../options/command_line.ts";
import { COMMON_OPTIONS, DEFAULT_SEED } from "../options/common_options.ts";
import {
  changeRecipe,
  COMPRESS_OPTIONS,
  RECIPE_FIELDS,
} from "../options/compress_options.ts";
import { recordedName } from "../options/own_path.ts";
import { type ReadingValues, readReading } from "../options/reading_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { drawStart, sensitivityFiles } from "./draw_sensitivity.ts";
import {
  assertFits,
  countWorkers,
  loadTeacherAndData,
  loadWithReading,
  startBackend,
  TEACHER_OPTIONS,
} from "./experiment.ts";
import { holdTestImages } from "../options/data_options.ts";
import { loadPools } from "./load_pools.ts";
import { readRecipe } from "./read_recipe.ts";
import { runCompression } from "./run_compression.ts";
import { openNamedStudy } from "./study_files.ts";

/** What a study's smallest model reaches on validation unless a goal says otherwise. */
const STUDY_ACCURACY = 0.95;

/** The smallest student of the study `name` that reaches `accuracy` on validation. */
function loadStudent(
  name: string,
  accuracy: number,
  teacher: LoadedModel,
): Weighed {
  using study = openNamedStudy(name);
  const [point] = summariseStudy(study, [accuracy]).result.frontier;
  if (!point) {
    throw new Error(
      `Cannot compress a model of the study ${name}: one must reach ${accuracy} on validation: none does; ask for less with --target-accuracy, or sweep wider students`,
    );
  }
  const trial = bestTrial(listFinishedTrials(study), point);
  return exportStudent(study, trial, teacher);
}

/** Throws where the model has learnt from images that are to judge it. */
function assertSameSplit(
  model: LoadedModel,
  { split, sha256 }: SplitDataset,
  file: string,
): void {
  const own = recordedSplit(model, { sha256 });
  if (!own) return;
  if (own.seed === split.seed && own.validation === split.validation) return;
  throw new Error(
    `Cannot compress ${file}: its training images must be those of its teacher: they were divided by seed ${own.seed} and ${own.validation} for validation, the teacher's by ${split.seed} and ${split.validation}`,
  );
}

/** The model in the folder `file`, or the smallest of a study, without its dropout. */
async function loadStart(
  { file, study, targetAccuracy = STUDY_ACCURACY, teacher: named, ...values }: {
    file?: string;
    study?: string;
    targetAccuracy?: number;
    teacher?: string;
  } & ReadingValues,
  { teacher, dataset, io }: {
    teacher: Teacher;
    dataset: SplitDataset;
    io: Pick<Io, "note">;
  },
): Promise<Weighed> {
  if ((file === undefined) === (study === undefined)) {
    throw new UsageError(
      "Cannot compress: give either a model folder or --study NAME",
    );
  }
  // A pruned network has too few weights to need it (Han et al., 2015, section 3.2).
  const start = ({ spec, weights }: Weighed): Weighed => ({
    spec: withoutDropout(spec),
    weights,
  });
  if (study !== undefined) {
    if (teacher.kind === "box") {
      throw new UsageError(
        "Cannot compress a model of a study by a black box: its students begin with their teacher's layers, and a black box has none; leave --teacher out, or name the study's own",
      );
    }
    return start(loadStudent(study, targetAccuracy, teacher));
  }
  const path = file ?? "";
  // Said of a teacher, it is of a model of another program too; others say it themselves.
  const model = named === undefined
    ? await loadWithReading(path, values, io)
    : await loadModel(path, readReading(values));
  assertFits(model, dataset, path);
  assertSameSplit(model, dataset, path);
  return start(model);
}

const OPTIONS = {
  study: {
    kind: "string",
    placeholder: "NAME",
    help: "compress the smallest model of a study, instead of a folder's",
  },
  targetBytes: {
    kind: "integer",
    min: 1,
    help: "search the sparsity whose file has this many bytes at most",
  },
  targetAccuracy: {
    kind: "number",
    above: 0,
    below: 1,
    help: "search the smallest file that is this accurate on validation",
  },
  ...COMPRESS_OPTIONS,
  ...TEACHER_OPTIONS,
  sensitivity: {
    kind: "boolean",
    help: "first draw what each layer stands, pruned or quantised, beside OUT",
  },
  tries: {
    kind: "integer",
    min: 0,
    max: 1_000_000,
    default: 1000,
    help: "orders of filters and units to try for a shorter file",
  },
  out: {
    kind: "path",
    writes: "file",
    placeholder: "FILE",
    default: "trained/compressed.dram",
    help: "where the file goes",
  },
  stages: {
    kind: "path",
    writes: "folder",
    placeholder: "FOLDER",
    usual: "beside the output, removed at the end",
    help: "keep finished stages there, for a stopped run to go on from",
  },
} as const;

/** Options that the manifest's command line tells. */
const RECORDED = {
  ...OPTIONS,
  seed: COMMON_OPTIONS.seed,
  backend: COMMON_OPTIONS.backend,
};

/** What stood between a file and its goals, as a sentence. */
function describeShortfall(
  { bytes, validation: { accuracy } }: StageReport,
  { targetBytes, targetAccuracy }: {
    targetBytes?: number;
    targetAccuracy?: number;
  },
): string {
  const parts = [];
  if (targetBytes !== undefined && bytes > targetBytes) {
    parts.push(`it has ${bytes - targetBytes} bytes too many`);
  }
  if (targetAccuracy !== undefined && accuracy < targetAccuracy) {
    const short = (targetAccuracy - accuracy).toFixed(4);
    parts.push(`it is ${short} short on validation`);
  }
  return parts.join(", ");
}

/** What suits the images of a dataset, where a recipe doesn't say. */
function usualRecipe({ augmentation, shape }: SplitDataset): CompressionRecipe {
  const { pool, ...recipe } = COMPRESSION_RECIPE;
  const varied = AUGMENTATIONS[augmentation](shape);
  return { ...recipe, pool: { ...pool, augmentation: varied } };
}

export const command = defineCommand({
  name: "compress",
  about:
    `Compresses a trained model into one .dram file: exact pruning, thinning or not,
magnitude pruning with retraining against the teacher's logits, then shared or
quantised weights; with a table of every stage, a manifest, and a certificate
that the file answers like the model. With a target it searches the setting, on
validation. Interrupted, it saves where it stands; the same command then goes on
from there.`,
  examples: [
    "compress trained/lenet-300-100 --out trained/lenet-300-100.dram",
    "compress trained/student-6 --method thin --widths conv1=8,conv2=16",
    "compress trained/student-6 --target-accuracy 0.98",
    "compress trained/lenet-5 --recipe models/compact/lenet-5.json",
  ],
  moved: Object.fromEntries(
    Object.entries(RECIPE_FIELDS).map(([name, field]) => [
      name,
      `a recipe says it, as ${field}; give --recipe FILE, a manifest's \`configuration\` with that field changed`,
    ]),
  ),
  positional: {
    file: {
      kind: "path",
      reads: "file or folder",
      help: "a model folder, or a file of ONNX or Keras",
    },
  },
  options: { ...OPTIONS, ...FORCE_OPTION },
  savesOnInterrupt: true,
  async run(values, io) {
    const { seed = DEFAULT_SEED, out, targetBytes, targetAccuracy } = values;
    const written = await readRecipe(values.recipe);
    const { teacher, dataset } = await loadTeacherAndData({
      ...values,
      // Without a teacher of one's own they are said of the model to compress.
      ...values.teacher === undefined && values.file !== undefined && {
        pixels: undefined,
        bgr: undefined,
      },
    }, io);
    const usual = usualRecipe(dataset);
    const recipe = written
      ? parseRecipe(written.text, written.source, usual)
      : usual;
    const images = dataset.train.count;
    const { loss, pool: augmented, ...setting } = changeRecipe(recipe, values, {
      images,
    });
    const start = await loadStart(values, { teacher, dataset, io });
    // Before any work is done: throws where lists or layers' names are wrong.
    checkSetting(setting, start);
    const stem = out.replace(/\.dram$/, "");
    const stagesFolder = values.stages ?? `${out}.stages`;
    using _claim = await claimOutput({
      command: "compress",
      at: { file: out },
      force: values.force,
      makes: [
        out,
        `${stem}.json`,
        certificatePath(out),
        ...values.sensitivity ? sensitivityFiles(out) : [],
      ],
      unfinished: values.stages === undefined ? [stagesFolder] : [],
    });
    const backend = await startBackend(values.backend, io, { tune: true });
    using _stages = await claimFolder(stagesFolder, { command: "compress" });
    const { pool, validation } = await loadPools(
      { teacher, dataset, spec: augmented, backend, memory: values.memory },
      io,
    );
    const task: CompressionTask = {
      training: pool,
      observed: dataset.train,
      validation,
      loss,
      seed,
      labels: [...dataset.classNames],
      teacherBytes: teacher.bytes,
    };
    if (values.sensitivity) await drawStart(start, { validation, out, io });
    const { result, reports, search } = await runCompression({
      task,
      start: withoutMasks(start),
      setting,
      goals: { bytes: targetBytes, accuracy: targetAccuracy },
    }, { folder: stagesFolder, threads: countWorkers(backend), io });

    io.note("ordering filters and units for the shortest file");
    const { bytes, encoded, report: last } = await codeResult(task, result, {
      ownBytes: modelCost(start.spec).bytes,
      test: dataset.test,
      tries: values.tries,
    });
    const stages = [...reports, last];
    io.note(`${start.spec.name}: ${bytes.length} bytes; certifying`);
    const certificate = await certify({
      bytes,
      encoded,
      images: holdTestImages(dataset, io).images,
      ...isInteger(encoded.spec.layers) && { askC },
      signal: io.signal,
    });
    const { test } = last;
    const manifest = {
      ...makeManifest({
        spec: encoded.spec,
        configuration: { ...setting, loss, pool: augmented },
        backend,
        dataset,
        teacher,
        scores: {
          epoch: result.epoch ?? 0,
          validation: last.validation,
          test,
        },
      }),
      command: [
        commandLine("compress", RECORDED, values),
        ...(values.file === undefined
          ? []
          : [quote(recordedName(values.file))]),
      ].join(" "),
      bytes: bytes.length,
      stages,
      ...search,
    };
    const json = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeAllAtomically([
      [`${stem}.json`, json],
      certificateFile(out, certificate),
      [out, bytes],
    ]);
    // A folder of the user's own may hold other things.
    if (values.stages === undefined) {
      await Deno.remove(stagesFolder, { recursive: true });
    }
    io.print(`${formatStageTable(stages).trimEnd()}\n`);
    io.print(
      `${cleanText(out)}: ${
        bytes.length.toLocaleString("en")
      } bytes, validation ${last.validation.accuracy.toFixed(4)}, test ${
        test.accuracy.toFixed(4)
      }`,
    );
    io.printJson({ out, ...manifest });
    if (search && !search.reached) {
      throw new Error(
        `Cannot reach the target: the nearest file was written to ${out}: ${
          describeShortfall(last, values)
        }; train longer with --epochs, or begin with another model`,
      );
    }
  },
});
